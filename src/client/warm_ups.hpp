// Callers that wait until a number of connections is open.
#pragma once

#include "base/saturating.hpp"
#include "client/suspended_caller.hpp"
#include "core/pool_core.hpp"

#include <equinix/sts/error.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <optional>

namespace equinix::sts::client_detail {

struct warm_up_waiter : boost::intrusive::list_base_hook<> {
    std::size_t connections = 0;
    base::clock::time_point deadline = base::clock::time_point::max();
    std::optional<error_info> failure; ///< why there are fewer
    suspended_caller caller;
};

class warm_ups {
public:
    void add(warm_up_waiter& one) noexcept { waiting_.push_back(one); }

    /// Ends one wait with this failure. Does nothing when it has ended.
    void leave(warm_up_waiter& one, error_info why, suspended_callers& resume) noexcept;

    /// A connection could not be opened.
    void open_failed(error_info const& why) noexcept;

    /// A connection was opened that no exchange may use: plans others in its place.
    void open_again(core::pool_core& core, base::clock::time_point now, core::pool_core::plan& plan) const;

    /// Ends the waits that are satisfied, and those that cannot be satisfied any longer.
    void settle(core::pool_core const& core, bool closed, suspended_callers& resume) noexcept;

    /// Ends the waits whose deadline has passed; `waiting_for` is what a connection being opened waits for.
    void time_out(base::clock::time_point now, phase waiting_for, suspended_callers& resume) noexcept;

    bool empty() const noexcept { return waiting_.empty(); }

    /// Hands over all callers; their context is gone.
    void give_up(suspended_callers& callers) noexcept;

private:
    void end(warm_up_waiter& one, suspended_callers& resume) noexcept;

    boost::intrusive::list<warm_up_waiter> waiting_;
};

} // namespace equinix::sts::client_detail
