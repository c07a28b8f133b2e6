// A token desk's flights: when one begins, and what becomes of its end.
#include "base/failure.hpp"
#include "client/token_desk.hpp"

#include <algorithm>
#include <utility>

namespace equinix::sts::client_detail {

void token_desk::want_flight(token_entry& entry, bool awaited, token_actions& todo) noexcept {
    if (entry.flight) return;
    if (entry.waits == token_entry::turn::awaited) return;
    if (entry.waits == token_entry::turn::background) {
        if (!awaited) return;
        leave_queue(entry);
    }
    if (flights_.size() < max_in_flight_) {
        begin(entry, todo);
        return;
    }
    entry.waits = awaited ? token_entry::turn::awaited : token_entry::turn::background;
    (awaited ? awaited_ : background_).push_back(entry);
}

void token_desk::leave_queue(token_entry& entry) noexcept {
    if (entry.waits == token_entry::turn::awaited) awaited_.erase(awaited_.iterator_to(entry));
    if (entry.waits == token_entry::turn::background) background_.erase(background_.iterator_to(entry));
    entry.waits = token_entry::turn::none;
}

void token_desk::leave_queues() noexcept {
    while (!awaited_.empty())
        leave_queue(awaited_.front());
    while (!background_.empty())
        leave_queue(background_.front());
}

token_entry* token_desk::take_from_background() noexcept {
    auto const first = std::find_if(background_.begin(), background_.end(),
                                    [](token_entry const& one) { return one.abandoned == 0; });
    if (first == background_.end()) return nullptr;
    auto& entry = *first;
    leave_queue(entry);
    return &entry;
}

/// Those that somebody waits for come first.
void token_desk::give_turns(token_actions& todo) noexcept {
    while (flights_.size() < max_in_flight_ && !(awaited_.empty() && background_.empty())) {
        auto& entry = awaited_.empty() ? background_.front() : awaited_.front();
        leave_queue(entry);
        begin(entry, todo);
    }
}

void token_desk::begin(token_entry& entry, token_actions& todo) noexcept {
    BOOST_ASSERT(!entry.flight && entry.waits == token_entry::turn::none);
    BOOST_ASSERT(flights_.size() < max_in_flight_ && !closed_);
    try {
        auto made = std::make_shared<token_flight>(shared_from_this(), client_, entry);
        made->erasures = entry.erasures;
        made->position = flights_.insert(flights_.end(), made);
        entry.flight = made;
        made->next = std::move(todo.begin);
        todo.begin = std::move(made);
        ++entry.counted.fetches;
        ++counted_.fetches;
    } catch (std::exception const&) {
        entry.state.failed(core::refresh_core::failure::passing, now_on_both_clocks(), random_.next());
        answer_all(entry, nullptr, base::without_memory(phase::none), todo);
        if (entry.is_idle()) idle(entry);
    }
}

void token_desk::abandon(token_flight& flight, token_actions& todo) noexcept {
    BOOST_ASSERT(!flight.abandoned && flight.entry.flight.get() != &flight);
    flight.abandoned = true;
    ++flight.entry.abandoned;
    if (!flight.begun) return; // whoever is beginning it will see
    flight.next = std::move(todo.cancel);
    todo.cancel = flight.shared_from_this();
}

void token_desk::landed(token_flight& flight) noexcept {
    auto const keep = flight.shared_from_this();
    token_actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return;
    land(flight, todo);
    unlock_and_act(held, todo);
}

void token_desk::land(token_flight& flight, token_actions& todo) noexcept {
    auto& entry = flight.entry;
    flights_.erase(flight.position);
    bool const wanted = entry.flight.get() == &flight;
    BOOST_ASSERT(wanted != flight.abandoned && (wanted || entry.abandoned != 0));
    if (wanted)
        entry.flight.reset();
    else
        --entry.abandoned;
    bool const success = flight.op && flight.op->got;
    if (closed_) {
        answer_all(entry, nullptr, closed_error(), todo);
    } else if (flight.erasures != entry.erasures) {
        // Nobody who asks since then is to have what it brings.
    } else if (success && (wanted || !entry.state.holds(now_on_both_clocks()))) {
        accept(entry, flight, todo);
    } else if (wanted) {
        fail(entry, flight, todo);
    }
    give_turns(todo);
    if (!entry.is_idle()) return;
    if (entry.erased)
        gone(entry, todo);
    else
        idle(entry);
}

void token_desk::accept(token_entry& entry, token_flight& flight, token_actions& todo) noexcept {
    auto const now = now_on_both_clocks();
    token_ptr fresh;
    try {
        fresh = std::make_shared<token const>(std::move(*flight.op->got));
    } catch (std::bad_alloc const&) {
        flight.never_begun = base::without_memory(phase::parse);
        fail(entry, flight, todo);
        return;
    }
    ++entry.counted.refreshed;
    ++counted_.refreshed;
    entry.counted.last_error.reset();
    entry.refused_subject = secret();
    entry.look_only = false;
    bool const kept = entry.state.received(*fresh, flight.op->subject_times, now, options_, random_.next());
    if (observer_) {
        auto one = event_of(event_type::token_refreshed, entry);
        if (kept) one.duration = entry.state.served_until().steady - now.steady;
        todo.events.add(one, name_);
    }
    if (kept) {
        todo.forgotten = std::exchange(entry.held, fresh);
        publish(entry);
    } else {
        publish_due(entry);
    }
    answer_all(entry, fresh, {}, todo);
}

void token_desk::fail(token_entry& entry, token_flight& flight, token_actions& todo) noexcept {
    auto why = flight.never_begun ? std::move(*flight.never_begun) : std::move(flight.op->failure);
    bool const looked = std::exchange(entry.look_only, false);
    if (looked && entry.counted.last_error && why.kind == error_kind::oauth && why.phase == phase::supplier) {
        // The same subject token as before: what was said of it still holds.
        answer_all(entry, nullptr, *entry.counted.last_error, todo);
        return;
    }
    using core::refresh_core;
    auto how = refresh_core::failure::passing;
    if (why.phase == phase::supplier) {
        how = refresh_core::failure::subject; // also when it is another service's refusal
    } else if (why.kind == error_kind::oauth && !why.retryable()) {
        how = refresh_core::failure::permanent;
        auto const& subject = flight.op->asked().subject();
        if (subject) entry.refused_subject = subject->token();
    }
    auto const now = now_on_both_clocks();
    entry.state.failed(how, now, random_.next());
    ++entry.counted.failed;
    ++counted_.failed;
    if (observer_) {
        auto one =
            event_of(entry.state.holds(now) ? event_type::token_stale : event_type::token_failed, entry);
        explain(one, why);
        todo.events.add(one, name_);
    }
    counted_.last_error = base::copy_of(why);
    answer_all(entry, nullptr, why, todo);
    entry.counted.last_error = std::move(why);
    publish_due(entry);
}

} // namespace equinix::sts::client_detail
