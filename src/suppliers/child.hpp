// A program that runs in a process group of its own, and never outlives its owner.
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
    /// Starts it with no input, its output in `output`, its errors nowhere, and no signal blocked or ignored.
    /// Throws `boost::system::system_error` when that fails.
    child(std::vector<std::string> const& arguments, base::descriptor& output);
    child(child const&) = delete;
    child& operator=(child const&) = delete;

    /// Kills the whole group, unless `let_go` was called, and sees to it that no zombie is left. Does not
    /// wait for that.
    ~child();

    /// A descriptor that can be read once the program has ended (`pidfd_open`). None where the system has no
    /// such thing, or denies it.
    base::descriptor watch() const noexcept;

    /// Empty while it runs. An error when the system does not tell: `no_child_process` when somebody else has
    /// asked or SIGCHLD is ignored.
    std::optional<exit_status> ended(boost::system::error_code& error) const noexcept;

    /// It has done what it should: what it left running in the background may go on.
    void let_go() noexcept { group_may_live_ = true; }

private:
    ::pid_t pid_ = -1;
    bool group_may_live_ = false;
};

} // namespace equinix::sts::suppliers_detail
