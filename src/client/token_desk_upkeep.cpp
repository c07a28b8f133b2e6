// A token desk's deadlines and its shutdown.
#include "client/token_desk.hpp"
#include "core/bounds.hpp"

#include <algorithm>
#include <utility>

namespace equinix::sts::client_detail {

using base::clock;

namespace {

/// How long a flight may take to land when its time is up.
constexpr auto time_for_news = std::chrono::milliseconds(400);

} // namespace

// ---- time -------------------------------------------------------------------------------------------

/// Sets the timer for the next event. A deadline that no longer matters must not keep the context running.
void token_desk::before_unlock_unlocking(token_actions&) noexcept {
    auto when = drain_deadline_;
    if (!waiting_.empty()) when = std::min(when, waiting_.begin()->deadline);
    auto const* const entry = closed_ ? nullptr : kept_fresh();
    if (entry != nullptr && entry->held && !entry->flight && entry->fsm.due_at().steady != due_seen_)
        when = std::min(when, entry->fsm.due_at().steady);
    if (when != clock::time_point::max())
        wake_at(when);
    else if (undelivered_.empty())
        timer_.cancel();
}

/// A flight that began for this caller has the same time as the caller, from a moment later. Its failure says
/// what happened; that the wait is over does not.
bool token_desk::is_about_to_hear(token_waiter const& one, clock::time_point now) const noexcept {
    auto const& flight = one.entry->flight;
    return !one.is_limited && flight && flight->begun && flight->deadline <= now + time_for_news / 8;
}

void token_desk::pass_time(token_actions& todo) noexcept {
    auto const now = now_on_both_clocks();
    while (!waiting_.empty() && waiting_.begin()->deadline <= now.steady) {
        auto& one = *waiting_.begin();
        auto& entry = *one.entry;
        if (is_about_to_hear(one, now.steady)) {
            waiting_.erase(waiting_.begin());
            one.is_limited = true;
            one.deadline = now.steady + time_for_news;
            waiting_.insert(one);
            continue;
        }
        auto const so_far = entry.flight ? entry.flight->failure_so_far() : std::nullopt;
        one.failure = core::wait_is_over(one.limit, so_far ? &*so_far : nullptr);
        dismiss(one, todo);
        left(entry, todo);
    }
    auto* const entry = kept_fresh();
    if (entry != nullptr && entry->held && now.steady >= entry->fsm.due_at().steady) {
        due_seen_ = entry->fsm.due_at().steady;
        if (was_used()) refresh(*entry, now, todo);
    }
}

// ---- the end ----------------------------------------------------------------------------------------

void token_desk::leave_queues(token_actions& todo) noexcept {
    while (!awaited_.empty())
        advance(awaited_.front(), event{event::type::closed}, todo);
    while (!background_.empty())
        advance(background_.front(), event{event::type::closed}, todo);
}

void token_desk::end(token_actions& todo) noexcept {
    leave_queues(todo);
    while (!waiting_.empty()) {
        waiting_.begin()->failure = closed_error();
        dismiss(*waiting_.begin(), todo);
    }
    for (auto const& one : flights_)
        if (!one->abandoned) advance(one->entry, event{event::type::closed}, todo);
    forget_all();
    todo.let_go = std::move(client_);
}

/// Begins and cancels flights.
void token_desk::work_off_unlocking(token_actions& todo) noexcept {
    while (todo.begin || todo.cancel) {
        auto begin = std::exchange(todo.begin, nullptr);
        auto cancel = std::exchange(todo.cancel, nullptr);
        base::unlocked const meanwhile(mutex);
        while (cancel) {
            cancel->cancel();
            cancel = std::move(cancel->next);
        }
        while (begin) {
            auto const one = std::move(begin);
            begin = std::move(one->next);
            bool const begun = one->begin();
            base::mutex_lock const again(mutex);
            one->begun = begun;
            if (!begun)
                land(*one, todo);
            else if (one->abandoned) {
                one->next = std::move(todo.cancel);
                todo.cancel = one;
            }
        }
    }
}

void token_desk::act(token_actions& todo) noexcept {
    todo.events.deliver(observer_);
    resume(todo.resume);
}

void token_desk::give_up(suspended_callers& callers, token_actions& todo) noexcept {
    leave_queues(todo);
    while (!waiting_.empty()) {
        auto& one = *waiting_.begin();
        one.entry->waiters.erase(one.entry->waiters.iterator_to(one));
        waiting_.erase(waiting_.begin());
        one.entry = nullptr;
        callers.push_back(one.caller);
    }
    for (auto const& one : flights_) {
        one->entry.flight.reset();
        one->entry.fsm.resume(event{event::type::lost});
    }
    todo.flights.swap(flights_);
    forget_all();
}

token_stats token_desk::numbers(token_entry const& entry) {
    token_stats out;
    out.hits = hits_of(entry);
    out.misses = entry.misses;
    out.fetches = entry.fetches;
    out.refreshed = entry.refreshed;
    if (entry.extras) {
        out.failed = entry.extras->failed;
        out.refused = entry.extras->refused;
        out.invalidated = entry.extras->invalidated;
        out.not_invalidated = entry.extras->not_invalidated;
        out.last_error = entry.extras->last_error;
        if (entry.extras->store) out.store = *entry.extras->store;
    }
    out.waiting = entry.waiters.size();
    out.in_flight = entry.fsm.flights();
    if (entry.held) out.served_until = entry.fsm.served_until().steady;
    return out;
}

} // namespace equinix::sts::client_detail
