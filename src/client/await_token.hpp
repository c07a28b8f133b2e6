// How a coroutine waits at a token desk.
#pragma once

#include "base/failure.hpp"
#include "client/cancellation.hpp"
#include "client/token_desk.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace equinix::sts::client_detail {

/// Initiates a wait: `enter(after)` is called with the desk's lock and puts the visitor somewhere.
template <class Enter>
class begin_wait {
public:
    begin_wait(token_desk& desk, token_visitor& visitor, boost::asio::cancellation_slot& slot, Enter enter)
        : desk_(&desk), visitor_(&visitor), slot_(&slot), enter_(enter) {}

    template <class Handler>
    void operator()(Handler&& handler) const {
        *slot_ = boost::asio::get_associated_cancellation_slot(handler);
        bool const kept = visitor_->caller.hold(std::forward<Handler>(handler));
        auto const cancel = [weak = desk_->weak_from_this(),
                             visitor = visitor_](boost::asio::cancellation_type) {
            if (auto const desk = weak.lock()) desk->leave(*visitor);
        };
        if (!kept || !on_cancellation(*slot_, cancel)) return desk_->refuse(*visitor_);
        token_desk::aftermath after;
        base::mutex_lock held(desk_->mutex);
        enter_(*visitor_, after);
        desk_->unlock_and_act(held, after);
    }

private:
    token_desk* desk_;
    token_visitor* visitor_;
    boost::asio::cancellation_slot* slot_;
    Enter enter_;
};

/// A token that is there.
template <class Outcome>
boost::asio::awaitable<Outcome> ready(token_ptr hit) {
    co_return std::move(hit);
}

/// Waits until the visitor has a token or a failure.
template <class Outcome, class Owner, class Enter>
boost::asio::awaitable<Outcome> await_token(std::shared_ptr<Owner> owner, std::chrono::nanoseconds at_most,
                                            Enter enter) {
    namespace asio = boost::asio;
    constexpr bool throws = std::is_same_v<Outcome, token_ptr>;
    token_visitor visitor;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
        visitor.failure =
            base::failure(error_kind::canceled, phase::none, "the wait was cancelled before it began");
    } else {
        visitor.deadline = base::after(base::clock::now(), at_most);
        asio::cancellation_slot slot;
        begin_wait<Enter> const initiate(owner->desk(), visitor, slot, enter);
        co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiate, asio::use_awaitable);
        slot.clear();
    }
    if constexpr (throws) {
        if (!visitor.got) throw error(std::move(*visitor.failure));
        co_return std::move(visitor.got);
    } else {
        if (!visitor.got) co_return std::move(*visitor.failure);
        co_return std::move(visitor.got);
    }
}

/// Initiates the end of a desk.
class begin_drain {
public:
    begin_drain(token_desk& desk, desk_guest& guest, boost::asio::cancellation_slot& slot)
        : desk_(&desk), guest_(&guest), slot_(&slot) {}

    template <class Handler>
    void operator()(Handler&& handler) const {
        *slot_ = boost::asio::get_associated_cancellation_slot(handler);
        bool const kept = guest_->caller.hold(std::forward<Handler>(handler));
        auto const cancel = [weak = desk_->weak_from_this()](boost::asio::cancellation_type) {
            if (auto const desk = weak.lock()) desk->close();
        };
        if (kept && on_cancellation(*slot_, cancel))
            desk_->drain(*guest_);
        else
            desk_->refuse(*guest_);
    }

private:
    token_desk* desk_;
    desk_guest* guest_;
    boost::asio::cancellation_slot* slot_;
};

template <class Owner>
boost::asio::awaitable<void> drain_desk(std::shared_ptr<Owner> owner) {
    namespace asio = boost::asio;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) owner->desk().close();
    desk_guest guest;
    asio::cancellation_slot slot;
    begin_drain const initiate(owner->desk(), guest, slot);
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiate, asio::use_awaitable);
    slot.clear();
}

} // namespace equinix::sts::client_detail
