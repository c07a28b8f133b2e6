// What an exchange waits for before it needs a connection: its subject token when its request has a supplier
// (before the first attempt, when the service has refused a token, once, and when a token has expired during
// a pause), and signatures that take long, before each sending.
#include "base/failure.hpp"
#include "client/pool.hpp"
#include "client/supplier_call.hpp"

#include <system_error>
#include <utility>

namespace equinix::sts::client_detail {
namespace {

phase phase_of(core::exchange_fsm const& fsm) noexcept {
    return fsm.is() == core::exchange_fsm::state::signing ? phase::sign : phase::supplier;
}

} // namespace

void pool::ask(operation& op, actions& todo) noexcept {
    BOOST_ASSERT(op.supplier);
    std::shared_ptr<outside_call> call;
    try {
        call = std::make_shared<supplier_call>(executor_, op.supplier,
                                               supply_context(executor_, op.deadline, op.refused_subject()));
    } catch (std::exception const&) {
        return fail_call(op, base::without_memory(phase::supplier), todo);
    }
    call_outside(op, std::move(call), todo);
}

void pool::sign(operation& op, actions& todo) noexcept {
    std::shared_ptr<outside_call> call;
    try {
        call = std::make_shared<signing_call>(executor_, signer_, op.signing_job());
    } catch (std::exception const&) {
        return fail_call(op, base::without_memory(phase::sign), todo);
    }
    call_outside(op, std::move(call), todo);
}

void pool::call_outside(operation& op, std::shared_ptr<outside_call> call, actions& todo) noexcept {
    BOOST_ASSERT(!op.call && call);
    call->waiting = &op;
    op.call = call;
    asking_.insert(op);
    try {
        todo.calls.push_back(std::move(call));
    } catch (std::exception const&) {
        answered(*op.call);
        fail_call(op, base::without_memory(phase_of(op.fsm)), todo);
    }
}

/// Separates an operation from what it has called.
operation& pool::answered(outside_call& call) noexcept {
    BOOST_ASSERT(call.waiting != nullptr);
    auto& op = *call.waiting;
    BOOST_ASSERT(op.call.get() == &call);
    asking_.erase(asking_.iterator_to(op));
    call.waiting = nullptr;
    op.call.reset();
    return op;
}

/// There is no subject token, or no signature, to send.
void pool::fail_call(operation& op, error_info why, actions& todo) noexcept {
    bool const signs = op.fsm.is() == core::exchange_fsm::state::signing;
    event what{signs ? event::type::signatures : event::type::supplied};
    what.why = &why;
    advance(op, what, todo);
}

void pool::begin_calls(std::list<std::shared_ptr<outside_call>>& calls) noexcept {
    for (auto const& call : calls) {
        try {
            call->begin(shared_from_this());
        } catch (std::exception const& why) {
            call->cancel();
            auto const* const failed = dynamic_cast<std::system_error const*>(&why);
            actions todo;
            base::mutex_lock held(mutex);
            if (call->waiting != nullptr) {
                auto& op = answered(*call);
                auto const where = phase_of(op.fsm);
                fail_call(op,
                          failed == nullptr ? base::without_memory(where)
                                            : base::failure(error_kind::network, where,
                                                            "no thread could be started", failed->code()),
                          todo);
            }
            unlock_and_act(held, todo);
        }
    }
}

void pool::supplied(outside_call& call, result<supplied_subject> answer) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (call.waiting == nullptr) return; // the asker has left
    auto const keep = call.waiting->call;
    auto& op = answered(call);
    std::optional<error_info> wrong;
    try {
        if (answer.has_value())
            wrong = op.take(std::move(*answer), op.fsm.refusal_stands());
        else
            wrong = base::error_of(answer);
    } catch (error const& refused) {
        wrong = base::copy_of(refused.info());
    } catch (std::exception const&) {
        wrong = base::without_memory(phase::supplier);
    }
    if (wrong) {
        fail_call(op, std::move(*wrong), todo);
    } else {
        event what{event::type::supplied};
        what.now = clock::now();
        advance(op, what, todo);
    }
    unlock_and_act(held, todo);
}

void pool::signed_by(outside_call& call, result<core::signatures> answer) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (call.waiting == nullptr) return; // the asker has left
    auto const keep = call.waiting->call;
    auto& op = answered(call);
    if (answer.has_value()) {
        op.take(std::move(*answer));
        event what{event::type::signatures};
        what.now = clock::now();
        advance(op, what, todo);
    } else {
        fail_call(op, base::error_of(answer), todo);
    }
    unlock_and_act(held, todo);
}

} // namespace equinix::sts::client_detail
