// A program that runs in a process group of its own and never outlives its owner.
#pragma once

#include "base/descriptor.hpp"

#include <boost/system/error_code.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::suppliers_detail {

/// How a process ended.
struct exit_status {
    bool by_signal = false;
    int value = 0; ///< the code, or the signal
};

class child {
public:
    /// Starts the program with no input, its output to `output`, its errors discarded, and no signal blocked
    /// or ignored. Its environment is this process's, with these variables, each as `NAME=value`, in place of
    /// those of the same name. Throws `boost::system::system_error` on failure.
    child(std::vector<std::string> const& arguments, std::vector<std::string> const& variables,
          base::descriptor& output);
    child(child const&) = delete;
    child& operator=(child const&) = delete;

    /// Kills the whole group, unless `let_go` was called, and arranges that no zombie remains. Does not wait
    /// for that.
    ~child();

    /// A descriptor that becomes readable when the program has ended (`pidfd_open`). None if the system has
    /// no such thing, or denies it.
    base::descriptor watch() const noexcept;

    /// Empty while the program runs. An error when the system does not report how it ended:
    /// `no_child_process` when someone else has waited for it, or SIGCHLD is ignored.
    std::optional<exit_status> ended(boost::system::error_code& error) const noexcept;

    /// The program has succeeded: processes that it left in the background may continue.
    void let_go() noexcept { group_may_live_ = true; }

private:
    ::pid_t pid_ = -1;
    bool group_may_live_ = false;
};

} // namespace equinix::sts::suppliers_detail
