// Where an exchange gets its subject token, when its request has a supplier: before the first attempt, when
// the service has refused a token (once), and when a token has expired during a pause.
#include "base/failure.hpp"
#include "client/pool.hpp"

#include <utility>

namespace equinix::sts::client_detail {

void pool::ask(operation& op, actions& todo) noexcept {
    BOOST_ASSERT(!op.call && op.supplier);
    op.is = operation::state::asking;
    try {
        todo.calls.push_back(std::make_shared<supplier_call>(
            executor_, op.supplier, supply_context(executor_, op.deadline, op.refused_subject())));
    } catch (std::exception const&) {
        finish(op, base::without_memory(phase::supplier), todo);
        return;
    }
    op.call = todo.calls.back();
    op.call->waiting = &op;
    asking_.insert(op);
}

/// Parts an operation from its question.
operation& pool::answered(supplier_call& call) noexcept {
    BOOST_ASSERT(call.waiting != nullptr);
    auto& op = *call.waiting;
    BOOST_ASSERT(op.is == operation::state::asking && op.call.get() == &call);
    asking_.erase(asking_.iterator_to(op));
    call.waiting = nullptr;
    op.call.reset();
    return op;
}

void pool::begin_calls(std::list<std::shared_ptr<supplier_call>>& calls) noexcept {
    for (auto const& call : calls) {
        try {
            call->begin(shared_from_this());
        } catch (std::exception const&) {
            actions todo;
            base::mutex_lock held(mutex);
            if (call->waiting != nullptr)
                finish(answered(*call), base::without_memory(phase::supplier), todo);
            unlock_and_act(held, todo);
        }
    }
}

void pool::supplied(supplier_call& call, result<supplied_subject> answer) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (call.waiting == nullptr) return; // whoever asked has left
    auto const keep = call.shared_from_this();
    auto& op = answered(call);
    std::optional<error_info> wrong;
    try {
        if (answer.has_value())
            wrong = op.take(std::move(*answer), op.refusal_stands);
        else
            wrong = base::error_of(answer);
    } catch (error const& refused) {
        wrong = base::copy_of(refused.info());
    } catch (std::exception const&) {
        wrong = base::without_memory(phase::supplier);
    }
    bool const refused = std::exchange(op.refusal_stands, false);
    if (wrong && refused) {
        // The refusal is what happened; that there is no other token only explains why it is final.
        base::append_to(op.failure.message, "; no second attempt: ");
        base::append_to(op.failure.message, wrong->message);
        finish(op, std::move(op.failure), todo);
    } else if (wrong) {
        finish(op, std::move(*wrong), todo);
    } else if (refused && !op.way.again(op.failure, clock::now())) {
        finish(op, std::move(op.failure), todo); // no memory to go on with
    } else {
        enqueue(op, op.way.attempts() != 0, todo);
    }
    unlock_and_act(held, todo);
}

} // namespace equinix::sts::client_detail
