// How an exchange gets its subject token when its request has a supplier: before the first attempt, when the
// service has refused a token (once), and when a token has expired during a pause.
#include "base/failure.hpp"
#include "client/pool.hpp"

#include <utility>

namespace equinix::sts::client_detail {

void pool::ask(operation& op, actions& todo) noexcept {
    BOOST_ASSERT(!op.call && op.supplier);
    try {
        todo.calls.push_back(std::make_shared<supplier_call>(
            executor_, op.supplier, supply_context(executor_, op.deadline, op.refused_subject())));
    } catch (std::exception const&) {
        return fail_supply(op, base::without_memory(phase::supplier), todo);
    }
    op.call = todo.calls.back();
    op.call->waiting = &op;
    asking_.insert(op);
}

/// Separates an operation from its supplier call.
operation& pool::answered(supplier_call& call) noexcept {
    BOOST_ASSERT(call.waiting != nullptr);
    auto& op = *call.waiting;
    BOOST_ASSERT(op.call.get() == &call);
    asking_.erase(asking_.iterator_to(op));
    call.waiting = nullptr;
    op.call.reset();
    return op;
}

/// There is no subject token to send.
void pool::fail_supply(operation& op, error_info why, actions& todo) noexcept {
    event what{event::type::supplied};
    what.why = &why;
    advance(op, what, todo);
}

void pool::begin_calls(std::list<std::shared_ptr<supplier_call>>& calls) noexcept {
    for (auto const& call : calls) {
        try {
            call->begin(shared_from_this());
        } catch (std::exception const&) {
            actions todo;
            base::mutex_lock held(mutex);
            if (call->waiting != nullptr)
                fail_supply(answered(*call), base::without_memory(phase::supplier), todo);
            unlock_and_act(held, todo);
        }
    }
}

void pool::supplied(supplier_call& call, result<supplied_subject> answer) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (call.waiting == nullptr) return; // the asker has left
    auto const keep = call.shared_from_this();
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
        fail_supply(op, std::move(*wrong), todo);
    } else {
        event what{event::type::supplied};
        what.now = clock::now();
        advance(op, what, todo);
    }
    unlock_and_act(held, todo);
}

} // namespace equinix::sts::client_detail
