// A token desk's flights: when one begins, and what happens when it ends.
#include "base/failure.hpp"
#include "client/store_flight.hpp"
#include "client/token_desk.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {

namespace {

/// How what a flight has noted of its store is counted and told.
struct seen_by_note {
    core::store_fsm::note note;
    std::uint64_t store_stats::* number;
    event_type type;
};

constexpr seen_by_note seen_by_notes[] = {
    {core::store_fsm::hit, &store_stats::hits, event_type::store_hit},
    {core::store_fsm::miss, &store_stats::misses, event_type::store_miss},
    {core::store_fsm::lease_won, &store_stats::leases_won, event_type::store_lease_won},
    {core::store_fsm::lease_awaited, &store_stats::leases_awaited, event_type::store_lease_awaited},
    {core::store_fsm::unopened, &store_stats::unopened, event_type::store_record_unopened},
    {core::store_fsm::written, &store_stats::written, event_type::store_written},
    {core::store_fsm::unshared, &store_stats::unshared, event_type::store_unshared}};

} // namespace

/// Null when memory ran out: then nothing is counted for this key.
store_stats* token_desk::store_numbers_of(token_entry& entry) noexcept {
    auto* const extras = extras_of(entry);
    if (extras != nullptr && !extras->store) extras->store.reset(new (std::nothrow) store_stats);
    return extras != nullptr ? extras->store.get() : nullptr;
}

void token_desk::leave_queue(token_entry& entry) noexcept {
    if (entry.queue_hook::is_linked()) entry.queue_hook::unlink();
}

/// Takes an entry out of the background queue that is idle afterwards; null when there is none.
token_entry* token_desk::take_from_background() noexcept {
    auto const first = std::find_if(background_.begin(), background_.end(),
                                    [](token_entry const& one) { return one.fsm.abandoned() == 0; });
    if (first == background_.end()) return nullptr;
    auto& entry = *first;
    leave_queue(entry);
    entry.fsm.resume(event{event::type::dropped});
    return &entry;
}

/// Entries with waiters come first.
void token_desk::give_turns(token_actions& todo) noexcept {
    while (flights_.size() < max_in_flight_ && !(awaited_.empty() && background_.empty())) {
        auto& entry = awaited_.empty() ? background_.front() : awaited_.front();
        leave_queue(entry);
        begin(entry, todo);
    }
}

/// A token that is bound to a key or a certificate serves this process alone.
bool token_desk::shares(token_entry const& entry) const noexcept {
    return link_ && !entry.request.proof_key() && !(entry.extras && entry.extras->is_unshared);
}

std::shared_ptr<token_flight> token_desk::flight_for(token_entry& entry) {
    if (!shares(entry)) return std::make_shared<token_flight>(shared_from_this(), client_, entry);
    return std::make_shared<store_flight>(shared_from_this(), client_, entry, link_);
}

void token_desk::note_unshared(token_entry& entry, token_actions& todo) noexcept {
    for (auto* const counted : {store_numbers_of(entry), &counted_.store})
        if (counted != nullptr) ++counted->unshared;
    tell(event_type::store_unshared, entry, todo);
}

void token_desk::count_exchange(token_entry& entry) noexcept {
    ++entry.fetches;
    ++counted_.fetches;
}

void token_desk::begin(token_entry& entry, token_actions& todo) noexcept {
    BOOST_ASSERT(!entry.flight && flights_.size() < max_in_flight_ && !closed_);
    try {
        auto made = flight_for(entry);
        made->erasures = entry.fsm.erasures();
        made->deadline = base::after(base::clock::now(), wait_of(entry.request));
        made->position = flights_.insert(flights_.end(), made);
        entry.flight = made;
        made->next = std::move(todo.begin);
        todo.begin = std::move(made);
        bool const is_shared = shares(entry);
        if (!is_shared) count_exchange(entry);
        if (link_ && !is_shared) note_unshared(entry, todo);
        entry.fsm.resume(event{event::type::begun});
    } catch (std::exception const&) {
        event what{event::type::failed};
        what.now = now_on_both_clocks();
        what.random = random_.next();
        entry.fsm.resume(what);
        answer_all(entry, nullptr, base::without_memory(phase::none), todo);
        if (entry.is_idle()) idle(entry);
    }
}

void token_desk::abandon(token_flight& flight, token_actions& todo) noexcept {
    BOOST_ASSERT(!flight.abandoned && flight.entry.flight.get() != &flight);
    flight.abandoned = true;
    if (!flight.begun) return; // the thread that is beginning it will notice
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
    flight.has_landed = true;
    if (flight.has_tail() && !flight.has_finished) {
        ++tails_;
        ++entry.tails;
    }
    event what{event::type::landed};
    what.now = now_on_both_clocks();
    what.counts = !flight.abandoned;
    what.has_token = flight.got.has_value();
    what.erasures = flight.erasures;
    if (flight.got && flight.got->expires) what.ends = *flight.got->expires;
    BOOST_ASSERT(what.counts == (entry.flight.get() == &flight));
    if (what.counts) entry.flight.reset();
    auto const landed = advance(entry, what, todo).landed;
    if (closed_)
        answer_all(entry, nullptr, closed_error(), todo);
    else if (landed == core::token_fsm::landing::received)
        accept(entry, flight, todo);
    else if (landed == core::token_fsm::landing::failed)
        fail(entry, flight, todo);
    else if (what.counts && !entry.waiters.empty())
        advance(entry, event{event::type::missed}, todo);
    give_turns(todo);
    rest(entry, todo);
}

/// Nothing may be in progress for the entry any longer.
void token_desk::rest(token_entry& entry, token_actions& todo) noexcept {
    if (!entry.is_idle()) return;
    if (entry.fsm.is_erased())
        gone(entry, todo);
    else
        idle(entry);
}

void token_desk::finished(token_flight& flight) noexcept {
    auto const keep = flight.shared_from_this();
    token_actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return;
    flight.has_finished = true;
    if (flight.has_landed) {
        BOOST_ASSERT(tails_ != 0 && flight.entry.tails != 0);
        --tails_;
        --flight.entry.tails;
        rest(flight.entry, todo);
    }
    unlock_and_act(held, todo);
}

void token_desk::exchange_begun(token_flight const& flight) noexcept {
    base::mutex_lock const held(mutex);
    if (!gone_) count_exchange(flight.entry);
}

void token_desk::saw(token_flight const& flight, unsigned notes) noexcept {
    token_actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return;
    auto& entry = flight.entry;
    auto* const counted = store_numbers_of(entry);
    if ((notes & core::store_fsm::unshared) != 0 && entry.extras) entry.extras->is_unshared = true;
    for (auto const& one : seen_by_notes) {
        if ((notes & one.note) == 0) continue;
        if (counted != nullptr) ++(counted->*one.number);
        ++(counted_.store.*one.number);
        tell(one.type, entry, todo);
    }
    unlock_and_act(held, todo);
}

void token_desk::store_worked(token_flight const& flight) noexcept {
    base::mutex_lock const held(mutex);
    if (gone_) return;
    auto const& extras = flight.entry.extras;
    if (extras && extras->store) extras->store->last_error.reset();
    counted_.store.last_error.reset();
}

void token_desk::store_failed(token_flight const& flight, error_info const& why, bool given_up) noexcept {
    token_actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return;
    auto& entry = flight.entry;
    for (auto* const counted : {store_numbers_of(entry), &counted_.store}) {
        if (counted == nullptr) continue;
        ++counted->failures;
        if (given_up) ++counted->breaker_opened;
        counted->last_error = base::copy_of(why);
    }
    if (observer_) {
        auto one = event_of(event_type::store_failed, entry);
        explain(one, why);
        todo.events.add(one, name_);
        if (given_up) tell(event_type::store_given_up, entry, todo);
    }
    unlock_and_act(held, todo);
}

void token_desk::accept(token_entry& entry, token_flight& flight, token_actions& todo) noexcept {
    auto const now = now_on_both_clocks();
    token_ptr fresh;
    try {
        fresh = std::make_shared<token const>(std::move(*flight.got));
    } catch (std::bad_alloc const&) {
        flight.failure = base::without_memory(phase::parse);
        fail(entry, flight, todo);
        return;
    }
    ++entry.refreshed;
    ++counted_.refreshed;
    if (entry.extras) {
        entry.extras->last_error.reset();
        entry.extras->refused_subject = entry.extras->invalid_token = secret();
    }
    bool const kept = entry.fsm.received(*fresh, flight.subject_times, now, options_, random_.next());
    if (observer_) {
        auto one = event_of(event_type::token_refreshed, entry);
        if (kept) one.duration = entry.fsm.served_until().steady - now.steady;
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

void token_desk::adopt(token_entry& entry, token_ptr fresh) noexcept {
    BOOST_ASSERT(entry.is_idle() && !entry.held);
    if (!entry.fsm.received(*fresh, {}, now_on_both_clocks(), options_, random_.next())) return;
    entry.held = std::move(fresh);
    publish(entry);
}

void token_desk::fail(token_entry& entry, token_flight& flight, token_actions& todo) noexcept {
    auto why = std::move(*flight.failure);
    auto const now = now_on_both_clocks();
    using meaning = core::token_fsm::meaning;
    auto const* const last = last_error_of(entry);
    auto const means = entry.fsm.failed(why, last != nullptr, now, random_.next());
    if (means == meaning::as_before) return answer_all(entry, nullptr, *last, todo);
    ++counted_.failed;
    if (observer_) {
        auto one = event_of(entry.fsm.holds(now) ? event_type::token_stale : event_type::token_failed, entry);
        explain(one, why);
        todo.events.add(one, name_);
    }
    counted_.last_error = base::copy_of(why);
    answer_all(entry, nullptr, why, todo);
    if (auto* const extras = extras_of(entry)) {
        ++extras->failed;
        if (means == meaning::refusal) extras->refused_subject = flight.subject;
        extras->last_error = std::move(why);
    }
    publish_due(entry);
}

} // namespace equinix::sts::client_detail
