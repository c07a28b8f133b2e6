#include "tool/child_process.hpp"

#include "base/wiped.hpp"
#include "tool/exit_code.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;

/// The arguments and variables as the system takes them.
class call {
public:
    explicit call(program const& what) {
        for (auto const& word : what.words)
            words_.push_back(const_cast<char*>(word.c_str())); // NOLINT: the system does not modify it
        words_.push_back(nullptr);
        for (auto const& [name, value] : what.variables) {
            auto& text = own_.emplace_back();
            base::append(text, name);
            base::append(text, "=");
            base::append(text, value.reveal());
            text.push_back('\0');
        }
        for (char** one = environ; one != nullptr && *one != nullptr; ++one)
            if (!is_replaced(*one)) environment_.push_back(*one);
        for (auto& text : own_)
            environment_.push_back(text.data());
        environment_.push_back(nullptr);
    }

    char* const* words() const noexcept { return words_.data(); }
    char* const* environment() const noexcept { return environment_.data(); }

private:
    bool is_replaced(std::string_view variable) const {
        auto const name = variable.substr(0, variable.find('=') + 1);
        return !name.empty() && std::any_of(own_.begin(), own_.end(), [&](auto const& own) {
            return base::view(own).starts_with(name);
        });
    }

    std::vector<char*> words_, environment_;
    std::vector<base::wiped_buffer> own_;
};

[[noreturn]] void fail(program const& what, int why) {
    throw cannot_run("cannot run '" + what.words.front() +
                         "': " + boost::system::error_code(why, boost::system::system_category()).message(),
                     why == ENOENT ? not_found : not_runnable);
}

/// Those that a person or a supervisor sends, unless this process ignores them, as after nohup.
sigset_t signals_to_pass() {
    sigset_t all;
    ::sigemptyset(&all);
    ::sigaddset(&all, SIGCHLD);
    for (int const number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2}) {
        struct sigaction how{};
        ::sigaction(number, nullptr, &how);
        if (how.sa_handler != SIG_IGN) ::sigaddset(&all, number);
    }
    return all;
}

int opened(sigset_t const& signals) {
    int const descriptor = ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0)
        throw boost::system::system_error(errno, boost::system::system_category(), "signalfd");
    return descriptor;
}

/// Whether the terminal has sent the signal to the program as well, as it does for a key to all of its group.
/// A hang-up may reach us alone.
bool has_got_it(signalfd_siginfo const& signal, ::pid_t pid) {
    bool const is_key = signal.ssi_signo == SIGINT || signal.ssi_signo == SIGQUIT;
    return is_key && signal.ssi_code == SI_KERNEL && ::getpgid(pid) == ::getpgrp();
}

/// How the program ended; nothing if it has not.
std::optional<int> ended(::pid_t pid) {
    int status = 0;
    auto const got = ::waitpid(pid, &status, WNOHANG);
    if (got < 0 && errno == ECHILD) return some_failure; // somebody else has waited for it
    if (got != pid) return std::nullopt;
    return WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
}

} // namespace

cannot_run::cannot_run(std::string const& what, int exit_code)
    : std::runtime_error(what), exit_code_(exit_code) {}

void replace_process(program const& what) {
    call const how(what);
    ::execvpe(what.words.front().c_str(), how.words(), how.environment()); // also runs a script without #!
    fail(what, errno);
}

child_process::child_process(asio::any_io_executor const& executor) : signals_(executor) {
    struct sigaction how{};
    how.sa_handler =
        SIG_DFL; // an ignored SIGCHLD, which may be inherited, means that no child can be waited for
    ::sigaction(SIGCHLD, &how, nullptr);
    how.sa_handler = SIG_IGN; // if nobody reads our complaints, the program must not be left alone
    ::sigaction(SIGPIPE, &how, &pipe_before_);
    auto const signals = signals_to_pass();
    signals_.assign(opened(signals));
    ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

void child_process::restore_signals() noexcept {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    ::sigaction(SIGPIPE, &pipe_before_, nullptr);
}

void child_process::start(program const& what) {
    call const how(what);
    posix_spawnattr_t attributes{};
    if (int const why = ::posix_spawnattr_init(&attributes)) fail(what, why);
    ::posix_spawnattr_setsigmask(&attributes, &before_);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    if (pipe_before_.sa_handler != SIG_IGN) ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int const why = ::posix_spawnp(&pid_, what.words.front().c_str(), nullptr, &attributes, how.words(),
                                   how.environment());
    ::posix_spawnattr_destroy(&attributes);
    if (why == 0) return;
    pid_ = -1;
    fail(what, why);
}

asio::awaitable<int> child_process::wait() {
    for (;;) {
        co_await signals_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
        signalfd_siginfo got{};
        while (::read(signals_.native_handle(), &got, sizeof(got)) == static_cast<::ssize_t>(sizeof(got))) {
            auto const number = static_cast<int>(got.ssi_signo);
            if (number == SIGCHLD) continue;
            if (pid_ < 0) co_return by_signal + number;
            if (!has_got_it(got, pid_)) ::kill(pid_, number);
        }
        if (pid_ < 0) continue;
        auto const code = ended(pid_);
        if (code) co_return *code;
    }
}

} // namespace equinix::sts::tool
