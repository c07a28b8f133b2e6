// A token desk's time and its end.
#include "base/failure.hpp"
#include "client/token_desk.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace equinix::sts::client_detail {

using base::clock;

// ---- time -------------------------------------------------------------------------------------------

void token_desk::set_alarm() noexcept {
    auto when = drain_deadline_;
    if (!waiting_.empty()) when = std::min(when, waiting_.begin()->deadline);
    if (!undelivered_.empty()) when = std::min(when, clock::now() + std::chrono::milliseconds(50));
    auto const* const entry = closed_ ? nullptr : kept_fresh();
    if (entry != nullptr && entry->held && !entry->flight && entry->state.due().steady != due_seen_)
        when = std::min(when, entry->state.due().steady);
    if (when != clock::time_point::max())
        alarm_.wake_at(when, *this);
    else
        alarm_.cancel(); // the deadline of one who has left must not keep the context running
}

void token_desk::rang(std::uint64_t generation) noexcept {
    aftermath after;
    base::mutex_lock held(mutex);
    if (gone_ || !alarm_.counts(generation)) return;
    after.resume.swap(undelivered_);
    auto const now = now_on_both_clocks();
    while (!waiting_.empty() && waiting_.begin()->deadline <= now.steady) {
        auto& one = *waiting_.begin();
        auto& entry = *one.entry;
        one.failure =
            base::failure(error_kind::timeout, phase::queue, "the time to wait for a token is over");
        dismiss(one, after);
        left(entry, after);
    }
    if (now.steady >= drain_deadline_) close_locked(after);
    auto* const entry = closed_ ? nullptr : kept_fresh();
    if (entry != nullptr && entry->held && now.steady >= entry->state.due().steady) {
        due_seen_ = entry->state.due().steady;
        if (entry->window->was_used()) refresh(*entry, now, after);
    }
    unlock_and_act(held, after);
}

// ---- the end ----------------------------------------------------------------------------------------

void token_desk::drain(desk_guest& guest) noexcept {
    aftermath after;
    base::mutex_lock held(mutex);
    guests_.push_back(guest);
    guest.waiting = true;
    if (!closed_ && !draining_) {
        draining_ = true;
        drain_deadline_ = base::after(clock::now(), options_.shutdown_timeout);
    }
    unlock_and_act(held, after);
}

/// Not so in a child of `fork()`, which may find the lock taken for ever.
bool token_desk::is_owner() const noexcept {
    return ::getpid() == owner_;
}

void token_desk::close() noexcept {
    if (!is_owner()) return;
    context_residents::use const context(*residents_);
    if (!context) return;
    aftermath after;
    base::mutex_lock held(mutex);
    close_locked(after);
    unlock_and_act(held, after);
}

void token_desk::close_locked(aftermath& after) noexcept {
    if (closed_) return;
    closed_ = true;
    drain_deadline_ = clock::time_point::max();
    leave_queues();
    while (!waiting_.empty()) {
        waiting_.begin()->failure = closed_error();
        dismiss(*waiting_.begin(), after);
    }
    for (auto const& one : flights_)
        if (!one->abandoned) {
            one->entry.flight.reset();
            abandon(*one, after);
        }
    forget_all();
    after.let_go = std::move(client_);
    alarm_.cancel();
}

void token_desk::unlock_and_act(base::mutex_lock& held, aftermath& after) noexcept STS_NOT_ANALYZED {
    auto const self = shared_from_this(); // once unlocked, the last handle may go on another thread
    before_unlock_unlocking(after);
    held.unlock();
    after.events.deliver(observer_);
    resume(after.resume);
}

void token_desk::before_unlock_unlocking(aftermath& after) noexcept {
    for (;;) {
        while (after.begin || after.cancel) {
            auto begin = std::exchange(after.begin, nullptr);
            auto cancel = std::exchange(after.cancel, nullptr);
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
                    land(*one, after);
                else if (one->abandoned) {
                    one->next = std::move(after.cancel);
                    after.cancel = one;
                }
            }
        }
        if (!draining_ || !waiting_.empty() || closed_) break;
        close_locked(after);
    }
    while (closed_ && flights_.empty() && !guests_.empty()) {
        auto& one = guests_.front();
        guests_.pop_front();
        one.waiting = false;
        after.resume.push_back(one.caller);
    }
    set_alarm();
}

/// Posts completions.
void token_desk::resume(suspended_callers& callers) noexcept {
    while (!callers.empty()) {
        auto& caller = callers.front();
        callers.pop_front();
        if (caller.post()) continue;
        base::mutex_lock const held(mutex);
        undelivered_.push_back(caller);
        set_alarm();
    }
}

void token_desk::context_gone() noexcept {
    suspended_callers callers;
    std::list<std::shared_ptr<token_flight>> flights;
    std::optional<boost::asio::steady_timer> timer;
    {
        base::mutex_lock const held(mutex);
        BOOST_ASSERT(!gone_);
        gone_ = true;
        timer = alarm_.release();
        closed_ = true;
        leave_queues();
        while (!waiting_.empty()) {
            auto& one = *waiting_.begin();
            one.entry->visitors.erase(one.entry->visitors.iterator_to(one));
            waiting_.erase(waiting_.begin());
            one.entry = nullptr;
            callers.push_back(one.caller);
        }
        while (!guests_.empty()) {
            callers.push_back(guests_.front().caller);
            guests_.pop_front();
        }
        callers.splice(callers.end(), undelivered_);
        for (auto const& one : flights_)
            one->entry.flight.reset();
        flights.swap(flights_);
        forget_all();
    }
    timer.reset();
    flights.clear();
    while (!callers.empty()) {
        auto& caller = callers.front();
        callers.pop_front();
        caller.destroy();
    }
}

token_stats token_desk::numbers(token_entry const& entry) const {
    auto out = entry.counted;
    out.waiting = entry.visitors.size();
    out.in_flight = (entry.flight ? 1U : 0U) + entry.abandoned;
    if (entry.window != nullptr) out.hits += entry.window->hits();
    if (entry.held) out.served_until = entry.state.served_until().steady;
    return out;
}

} // namespace equinix::sts::client_detail
