#include "base/failure.hpp"
#include "client/client_handle.hpp"
#include "client/exchange.hpp"
#include "client/operation_wait.hpp"
#include "values/check_options.hpp"

#include <equinix/sts/client.hpp>

#include <memory>
#include <new>
#include <optional>

namespace equinix::sts {

namespace asio = boost::asio;
using client_detail::pool;
using client_detail::suspend;
using client_detail::suspended_caller;
using client_detail::warm_up_waiter;
using client_detail::was_canceled;

namespace {

/// How a coroutine waits until a number of connections is open.
class warm_up_wait {
public:
    warm_up_wait(pool& connections, std::size_t count) : connections_(&connections) {
        waiter_.connections = count;
    }

    suspended_caller& caller() noexcept { return waiter_.caller; }
    void begin() noexcept { connections_->warm_up(waiter_); }
    void refuse() noexcept {
        waiter_.failure = base::without_memory(phase::none);
        connections_->turn_away(waiter_.caller);
    }
    auto canceler() noexcept {
        return [weak = connections_->weak_from_this(), waiter = &waiter_](asio::cancellation_type) {
            if (auto const connections = weak.lock()) connections->leave(*waiter);
        };
    }

    std::optional<error_info>& failure() noexcept { return waiter_.failure; }

private:
    pool* connections_;
    warm_up_waiter waiter_;
};

template <class Handle>
asio::awaitable<void> warm_up(std::shared_ptr<Handle> handle, std::size_t connections) {
    if (connections == 0) co_return;
    auto const before = co_await asio::this_coro::cancellation_state;
    if (was_canceled(before))
        throw error(
            base::failure(error_kind::canceled, phase::none, "the warm-up was cancelled before it began"));
    warm_up_wait wait(*handle->connections, connections);
    co_await suspend(wait);
    if (wait.failure()) throw error(std::move(*wait.failure()));
}

/// Returns false when the exchange must not begin; its failure is set then. Not a coroutine, so that none of
/// this is in the frame.
template <class Handle>
bool prepare(client_detail::exchange& op, Handle const& handle, exchange_request const& request,
             bool cancelled) {
    auto refused = op.objection();
    if (cancelled)
        refused =
            base::failure(error_kind::canceled, phase::none, "the exchange was cancelled before it began");
    if (refused) {
        op.fsm.refuse(std::move(*refused));
        return false;
    }
    auto const started = base::clock::now();
    op.limit = request.timeout();
    op.deadline = base::after(started, request.timeout().value_or(handle.timeout));
    op.fsm = core::exchange_fsm(started, op.deadline, op.supplier != nullptr, op.signs_elsewhere());
    return true;
}

/// The complete exchange: the one coroutine frame between the caller and the pool. The frame is small, and
/// the operation separate from it, so that Asio caches the frame for the next coroutine.
template <class Outcome, class Handle>
asio::awaitable<Outcome> run(std::shared_ptr<Handle> handle, exchange_request request) {
    auto const before = co_await asio::this_coro::cancellation_state;
    auto const op = handle->exchanges.make(handle->terms, request);
    if (prepare(*op, *handle, request, was_canceled(before))) {
        client_detail::operation_wait wait(*handle->connections, *op);
        co_await suspend(wait);
    }
    if constexpr (std::is_same_v<Outcome, token>) {
        if (!op->got) throw error(op->fsm.take_failure());
        co_return std::move(*op->got);
    } else {
        if (!op->got) co_return op->fsm.take_failure();
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
    auto const users = handle_->certificates.all(); // before anything changes: this needs memory
    if (!handle_->connections->reload_certificates()) return;
    for (auto const& one : users)
        if (auto const user = one.lock()) user->certificate_changed();
}

sts::stats client::stats() const {
    return handle_->connections->stats();
}

asio::awaitable<void> client::shutdown() const {
    return client_detail::shut_down(handle_, handle_->connections.get());
}

void client::close() const noexcept {
    handle_->connections->close();
}

} // namespace equinix::sts
