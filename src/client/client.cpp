#include "base/failure.hpp"
#include "client/client_handle.hpp"
#include "client/exchange.hpp"
#include "client/initiate.hpp"
#include "values/check_options.hpp"

#include <equinix/sts/client.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <new>

namespace equinix::sts {

namespace asio = boost::asio;
using client_detail::guest;
using client_detail::on_cancellation;
using client_detail::pool;

namespace {

/// Initiates a wait for the pool itself; a cancellation of any type calls `cancel`.
class begin_visit {
public:
    using member = void (pool::*)(guest&) noexcept;

    begin_visit(pool& connections, guest& visitor, asio::cancellation_slot& slot, member begin, member cancel)
        : connections_(&connections), visitor_(&visitor), slot_(&slot), begin_(begin), cancel_(cancel) {}

    template <class Handler>
    void operator()(Handler&& handler) const {
        *slot_ = asio::get_associated_cancellation_slot(handler);
        bool const kept = visitor_->caller.hold(std::forward<Handler>(handler));
        auto const cancel = [weak = connections_->weak_from_this(), visitor = visitor_,
                             call = cancel_](asio::cancellation_type) {
            if (auto const connections = weak.lock()) (connections.get()->*call)(*visitor);
        };
        if (kept && on_cancellation(*slot_, cancel))
            (connections_->*begin_)(*visitor_);
        else
            connections_->refuse(*visitor_);
    }

private:
    pool* connections_;
    guest* visitor_;
    asio::cancellation_slot* slot_;
    member begin_, cancel_;
};

template <class Handle>
asio::awaitable<void> drain(std::shared_ptr<Handle> handle) {
    guest visitor;
    asio::cancellation_slot slot;
    begin_visit const initiate(*handle->connections, visitor, slot, &pool::drain, &pool::close_for);
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiate, asio::use_awaitable);
    slot.clear();
}

template <class Handle>
asio::awaitable<void> warm_up(std::shared_ptr<Handle> handle, std::size_t connections) {
    if (connections == 0) co_return;
    guest visitor;
    visitor.connections = connections;
    asio::cancellation_slot slot;
    begin_visit const initiate(*handle->connections, visitor, slot, &pool::warm_up, &pool::leave);
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiate, asio::use_awaitable);
    slot.clear();
    if (visitor.failure) throw error(std::move(*visitor.failure));
}

/// False when it must not begin; then its failure is set. No coroutine, so that none of this is in the frame.
template <class Handle>
bool prepare(client_detail::exchange& op, Handle const& handle, exchange_request const& request,
             bool cancelled) {
    auto refused = op.objection();
    if (cancelled)
        refused =
            base::failure(error_kind::canceled, phase::none, "the exchange was cancelled before it began");
    if (refused) {
        op.failure = std::move(*refused);
        return false;
    }
    auto const started = base::clock::now();
    op.deadline = base::after(started, request.timeout().value_or(handle.timeout));
    op.way = core::exchange_fsm(started, op.deadline);
    return true;
}

/// The whole of an exchange: the one coroutine frame between the caller and the pool. It is small, the
/// operation apart, so that Asio keeps it for the next coroutine.
template <class Outcome, class Handle>
asio::awaitable<Outcome> run(std::shared_ptr<Handle> handle, exchange_request request) {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    auto const op = handle->exchanges.make(handle->terms, request);
    if (prepare(*op, *handle, request, cancellation.cancelled() != asio::cancellation_type::none)) {
        asio::cancellation_slot slot;
        client_detail::begin_operation const initiate(*handle->connections, *op, slot);
        co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiate, asio::use_awaitable);
        // From here on a signal would find an operation that is gone.
        slot.clear();
    }
    if constexpr (std::is_same_v<Outcome, token>) {
        if (!op->got) throw error(std::move(op->failure));
        co_return std::move(*op->got);
    } else {
        if (!op->got) co_return std::move(op->failure);
        co_return std::move(*op->got);
    }
}

} // namespace

client::client(asio::any_io_executor executor, client_options options) {
    if (!executor) base::refuse("client: the executor is empty");
    values::check_options(options);
    handle_ = std::make_shared<handle>(std::move(executor), options);
}

asio::awaitable<token> client::exchange(exchange_request request) const {
    return run<token>(handle_, std::move(request));
}

asio::awaitable<result<token>> client::try_exchange(exchange_request request) const {
    return run<result<token>>(handle_, std::move(request));
}

asio::awaitable<void> client::warm_up(std::size_t connections) const {
    return sts::warm_up(handle_, connections);
}

void client::reload_certificates() const {
    handle_->connections->reload_certificates();
}

sts::stats client::stats() const {
    return handle_->connections->stats();
}

asio::awaitable<void> client::shutdown() const {
    return drain(handle_);
}

void client::close() const noexcept {
    handle_->connections->close();
}

} // namespace equinix::sts
