#include "suppliers/child.hpp"

#include "base/detached_thread.hpp"
#include "base/program_call.hpp"

#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

namespace equinix::sts::suppliers_detail {
namespace {

boost::system::error_code system_code(int number) noexcept {
    return {number, boost::system::system_category()};
}

void check(int result) {
    if (result != 0) throw boost::system::system_error(system_code(result));
}

/// The descriptors, signals and process group that the child is started with.
class plan {
public:
    explicit plan(int output) : plan() {
        // The output first: if the program itself has none open, the new descriptor may be 0 or 2.
        check(::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO));
        check(::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
        check(::posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0));
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::sigdelset(&all, SIGKILL);
        ::sigdelset(&all, SIGSTOP);
        check(::posix_spawnattr_setsigmask(&attributes_, &none));
        check(::posix_spawnattr_setsigdefault(&attributes_, &all));
        check(::posix_spawnattr_setpgroup(&attributes_, 0));
        check(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                           POSIX_SPAWN_SETPGROUP));
    }
    plan(plan const&) = delete;
    plan& operator=(plan const&) = delete;
    ~plan() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&files_);
    }

    posix_spawn_file_actions_t const* files() const { return &files_; }
    posix_spawnattr_t const* attributes() const { return &attributes_; }

private:
    plan() {
        check(::posix_spawn_file_actions_init(&files_));
        auto const result = ::posix_spawnattr_init(&attributes_);
        if (result != 0) ::posix_spawn_file_actions_destroy(&files_);
        check(result);
    }

    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

/// Waits for a process that has been killed. That takes a moment, unless a disk or a debugger holds the
/// process, so no thread of the program waits for it.
void bury(::pid_t pid) noexcept {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) != 0) return; // done, or not our child
    try {
        base::run_detached([pid] {
            int ignored = 0;
            while (::waitpid(pid, &ignored, 0) < 0 && errno == EINTR) {
            }
        });
    } catch (std::exception const&) {
        return; // without threads, a zombie remains until the program ends
    }
}

} // namespace

child::child(std::vector<std::string> const& arguments, std::vector<std::string> const& variables,
             base::descriptor& output) {
    base::program_call const call(arguments, {variables.begin(), variables.end()});
    plan const how(output.get());
    check(
        ::posix_spawnp(&pid_, call.file(), how.files(), how.attributes(), call.words(), call.environment()));
}

child::~child() {
    // The number is certain to be the child's only while the process, or its zombie, can still be waited for.
    boost::system::error_code unknown;
    ended(unknown);
    if (unknown) return;
    if (!group_may_live_) ::kill(-pid_, SIGKILL);
    bury(pid_);
}

base::descriptor child::watch() const noexcept {
    // glibc 2.31 has no wrapper for it. The descriptor is always closed on exec.
    return base::descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

std::optional<exit_status> child::ended(boost::system::error_code& error) const noexcept {
    ::siginfo_t about{};
    int result = 0;
    do
        result = ::waitid(P_PID, static_cast<::id_t>(pid_), &about, WEXITED | WNOHANG | WNOWAIT);
    while (result != 0 && errno == EINTR);
    error = result != 0 ? system_code(errno) : boost::system::error_code();
    if (result != 0 || about.si_pid == 0) return std::nullopt;
    return exit_status{about.si_code != CLD_EXITED, about.si_status};
}

} // namespace equinix::sts::suppliers_detail
