// How a coroutine waits at a token desk.
#pragma once

#include "base/failure.hpp"
#include "client/token_desk.hpp"
#include "client/waiting.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <utility>

namespace equinix::sts::client_detail {

/// How a coroutine waits for a token. `enter(waiter, todo)` is called with the desk's lock held and queues
/// the waiter, or resumes it.
template <class Enter>
class token_wait {
public:
    token_wait(token_desk& desk, token_waiter& waiter, Enter enter)
        : desk_(&desk), waiter_(&waiter), enter_(enter) {}

    suspended_caller& caller() noexcept { return waiter_->caller; }
    void begin() noexcept {
        token_actions todo;
        base::mutex_lock held(desk_->mutex);
        enter_(*waiter_, todo);
        desk_->unlock_and_act(held, todo);
    }
    void refuse() noexcept { desk_->refuse(*waiter_); }
    auto canceler() const noexcept {
        return [weak = desk_->weak_from_this(), waiter = waiter_](boost::asio::cancellation_type) {
            if (auto const desk = weak.lock()) desk->leave(*waiter);
        };
    }

private:
    token_desk* desk_;
    token_waiter* waiter_;
    Enter enter_;
};

/// A token that is available at once.
template <class Outcome>
boost::asio::awaitable<Outcome> ready(token_ptr hit) {
    co_return std::move(hit);
}

/// Waits until the waiter has a token or a failure.
template <class Outcome, class Owner, class Enter>
boost::asio::awaitable<Outcome> await_token(std::shared_ptr<Owner> owner, std::chrono::nanoseconds at_most,
                                            Enter enter) {
    namespace asio = boost::asio;
    constexpr bool throws = std::is_same_v<Outcome, token_ptr>;
    token_waiter waiter;
    auto const before = co_await asio::this_coro::cancellation_state;
    if (was_canceled(before)) {
        waiter.failure =
            base::failure(error_kind::canceled, phase::none, "the wait was cancelled before it began");
    } else {
        waiter.limit = at_most;
        waiter.deadline = base::after(base::clock::now(), at_most);
        token_wait<Enter> wait(owner->desk(), waiter, enter);
        co_await suspend(wait);
    }
    if constexpr (throws) {
        if (!waiter.got) throw error(std::move(*waiter.failure));
        co_return std::move(waiter.got);
    } else {
        if (!waiter.got) co_return std::move(*waiter.failure);
        co_return std::move(waiter.got);
    }
}

} // namespace equinix::sts::client_detail
