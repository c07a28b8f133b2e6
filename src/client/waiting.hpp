// How a coroutine suspends itself in a pool or a token desk, and is resumed:
//
//     some_wait wait(...);
//     co_await suspend(wait);
//
// A wait has `caller()`, which keeps the suspended coroutine; `begin()`, which is called once it is kept and
// makes sure that it is always resumed; `refuse()`, which resumes it because there was no memory to keep it;
// and `canceler()`, a function object that outlives all of them and is called with the type of a
// cancellation.
#pragma once

#include "client/suspended_caller.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace equinix::sts::client_detail {

template <class Wait>
class hand_over {
public:
    explicit hand_over(Wait& wait) noexcept : wait_(&wait) {}

    template <class Handler>
    void operator()(Handler&& handler) const {
        if (wait_->caller().hold(std::forward<Handler>(handler), wait_->canceler()))
            wait_->begin();
        else
            wait_->refuse();
    }

private:
    Wait* wait_;
};

/// Waits until the coroutine is resumed. Errors are reported through the wait.
template <class Wait>
boost::asio::awaitable<void> suspend(Wait& wait) {
    namespace asio = boost::asio;
    return asio::async_initiate<asio::use_awaitable_t<> const, void()>(hand_over<Wait>(wait),
                                                                       asio::use_awaitable);
}

/// Whether a coroutine was cancelled before it began to wait. `state` is what it got from
/// `this_coro::cancellation_state`.
inline bool was_canceled(boost::asio::cancellation_state const& state) noexcept {
    return state.cancelled() != boost::asio::cancellation_type::none;
}

} // namespace equinix::sts::client_detail
