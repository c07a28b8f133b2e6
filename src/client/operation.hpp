// One exchange as the pool sees it.
#pragma once

#include "core/pool_core.hpp"
#include "core/response.hpp"
#include "core/wiped.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/token.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>

#include <string_view>

namespace equinix::sts::client_detail {

struct connection;

/// A coroutine that waits to be resumed.
struct suspended_caller {
    boost::asio::any_completion_handler<void()> resume;
    boost::asio::any_io_executor executor; ///< its own, which is kept running meanwhile

    suspended_caller() = default;
    template <class Handler>
    suspended_caller(Handler&& handler, boost::asio::any_io_executor on)
        : resume(std::forward<Handler>(handler)), executor(std::move(on)) {}
    suspended_caller(suspended_caller&&) = default;

    /// By swapping: in Boost 1.81 the handler's own move assignment calls itself without end.
    suspended_caller& operator=(suspended_caller&& other) noexcept {
        resume.swap(other.resume);
        std::swap(executor, other.executor);
        return *this;
    }
    ~suspended_caller() = default;

    /// Has it resumed on its own executor, never inline. It may be gone before this returns.
    void post();
};

/// Why an exchange is ended from outside.
enum class stop_reason : unsigned char {
    none,
    canceled, ///< by the caller's cancellation slot
    closed,   ///< by `client::close()`
    timed_out ///< its deadline is over
};

/// Lives in the caller's coroutine frame, from before the pool knows it until the coroutine is resumed. Not
/// movable. Once started everything in it belongs to the pool: to whoever holds the pool's lock, or, between
/// `leased` and the end of a step, to the one that drives the connection.
struct operation : core::pool_waiter {
    enum class state : unsigned char {
        fresh,   ///< not started yet
        queued,  ///< waits for a connection
        leased,  ///< has one
        finished ///< has its outcome; its completion is on the way
    };

    /// Serialises the request. `request` must outlive the operation.
    operation(std::string_view head_prefix, exchange_request const& request, issued_token_type_policy policy);
    operation(operation const&) = delete;
    operation& operator=(operation const&) = delete;

    /// Turns the answer into the outcome.
    result<token> judge(core::answer const& answer) const;

    exchange_request const& asked;
    issued_token_type_policy policy;
    core::wiped_buffer bytes;

    state is = state::fresh;
    stop_reason stopped = stop_reason::none;
    bool replaced = false; ///< a dead reused connection was replaced already
    bool sent = false;     ///< the service may have seen a byte
    unsigned attempts = 0;
    connection* lease = nullptr;
    time_stamp requested{};

    result<token> outcome;
    suspended_caller caller;
};

/// Every waiter of the pool is an operation.
inline operation& as_operation(core::pool_waiter& waiter) {
    return static_cast<operation&>(waiter);
}

/// Both clocks now.
time_stamp now_on_both_clocks();

} // namespace equinix::sts::client_detail
