#include "tool/child_process.hpp"

#include "base/program_call.hpp"
#include "tool/exit_code.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string_view>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;

base::program_call call_of(program const& what) {
    std::vector<std::string_view> variables;
    variables.reserve(what.variables.size());
    for (auto const& one : what.variables)
        variables.push_back(one.reveal());
    return {what.words, variables};
}

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
    auto const how = call_of(what);
    ::execvpe(how.file(), how.words(), how.environment()); // also runs a script without #!
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
    auto const how = call_of(what);
    posix_spawnattr_t attributes{};
    if (int const why = ::posix_spawnattr_init(&attributes)) fail(what, why);
    ::posix_spawnattr_setsigmask(&attributes, &before_);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    if (pipe_before_.sa_handler != SIG_IGN) ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int const why = ::posix_spawnp(&pid_, how.file(), nullptr, &attributes, how.words(), how.environment());
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
