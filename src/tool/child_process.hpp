// A program that sts-token runs.
#pragma once

#include "base/descriptor.hpp"

#include <equinix/sts/secret.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <signal.h>
#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace equinix::sts::tool {

/// A program with its arguments, and the variables that it gets besides those of this process.
struct program {
    std::vector<std::string> words;
    std::vector<secret> variables; ///< each `NAME=value`
};

/// A program could not be run, and how this process is to end.
class cannot_run : public std::runtime_error {
public:
    cannot_run(std::string const& what, int exit_code);
    int exit_code() const noexcept { return exit_code_; }

private:
    int exit_code_;
};

/// Runs the program in this process's place. Returns only by throwing `cannot_run`.
[[noreturn]] void replace_process(program const& what);

/// A program that runs beside this process, which passes on the signals that it gets.
class child_process {
public:
    /// Blocks the signals, and ignores SIGPIPE. To be made before there are other threads, which inherit
    /// that.
    explicit child_process(boost::asio::any_io_executor const& executor);
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;
    ~child_process() { restore_signals(); }

    /// From here on signals end this process. The program is no longer started or awaited.
    void restore_signals() noexcept;

    /// Throws `cannot_run`.
    void start(program const& what);

    /// Waits until the program has ended, or until a signal before it was started. Returns the exit code.
    boost::asio::awaitable<int> wait();

private:
    sigset_t before_{};
    struct sigaction pipe_before_{};
    boost::asio::posix::stream_descriptor signals_;
    ::pid_t pid_ = -1;
};

} // namespace equinix::sts::tool
