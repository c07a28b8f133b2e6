#include "client/token_desk.hpp"

#include "core/failure.hpp"

#include <boost/asio/query.hpp>

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;
using core::clock;
using verdict = core::refresh_core::verdict;

namespace {

error_info closed_error() noexcept {
    return core::failure(error_kind::canceled, phase::none, "the token source or cache is closed");
}

/// Of one event, for a program that watches.
event made(event_type what) noexcept {
    event one;
    one.type = what;
    one.at = clock::now();
    return one;
}

} // namespace

token_desk::token_desk(std::shared_ptr<access::handle> client, refresh_options const& options,
                       std::size_t max_in_flight)
    : mutex(client->thread_safe), client_(std::move(client)), options_(options),
      max_in_flight_(max_in_flight), timeout_(client_->timeout), observer_(client_->observer),
      registry_(
          &asio::use_service<context_registry>(asio::query(client_->executor, asio::execution::context))),
      owner_(::getpid()), random_(std::random_device()()), alarm_(client_->executor) {
    registry_->add(*this);
}

token_desk::~token_desk() {
    if (registry_ != nullptr) registry_->remove(*this);
}

std::chrono::nanoseconds token_desk::wait_of(exchange_request const& request) const noexcept {
    return request.timeout().value_or(timeout_);
}

std::uint32_t token_desk::random() noexcept {
    return static_cast<std::uint32_t>(std::uint64_t(random_() - std::minstd_rand::min()) * 0xffffffffU /
                                      (std::minstd_rand::max() - std::minstd_rand::min()));
}

void token_desk::tell(event_type what, aftermath& after) const noexcept {
    if (observer_) after.events.add(made(what));
}

bool token_desk::turns_away(token_visitor& visitor, aftermath& after) noexcept {
    if (!is_closed()) return false;
    visitor.failure = closed_error();
    after.resume.push_back(visitor.caller);
    return true;
}

// ---- callers --------------------------------------------------------------------------------------------

void token_desk::visit(token_entry& entry, token_visitor& visitor, aftermath& after) noexcept {
    if (turns_away(visitor, after)) return;
    auto const now = now_on_both_clocks();
    bool const flying = entry.flight || entry.waits != token_entry::turn::none;
    auto said = entry.state.ask(now, flying);
    if (said == verdict::serve || said == verdict::refresh) {
        visitor.got = serve(entry, now, after);
        after.resume.push_back(visitor.caller);
        return;
    }
    ++entry.counted.misses;
    ++counted_.misses;
    tell(event_type::token_miss, after);
    bool look_only = false;
    if (said == verdict::refuse && entry.request.supplier() && entry.state.look_again(now)) {
        look_only = true; // another subject token is worth a flight
        said = verdict::fly;
    }
    if (said == verdict::refuse) {
        ++entry.counted.refused;
        ++counted_.refused;
        visitor.failure = entry.counted.last_error ? core::copy_of(*entry.counted.last_error)
                                                   : core::without_memory(phase::none);
        after.resume.push_back(visitor.caller);
        return;
    }
    if (visitor.deadline <= now.steady) {
        visitor.failure =
            core::failure(error_kind::timeout, phase::queue, "there is no token yet, and no time to wait");
        after.resume.push_back(visitor.caller);
        return;
    }
    busy(entry);
    if (said == verdict::fly) entry.look_only = look_only; // an earlier one may have been abandoned
    visitor.entry = &entry;
    entry.visitors.push_back(visitor);
    waiting_.insert(visitor);
    want_flight(entry, true, after);
}

token_ptr token_desk::look(token_entry& entry, aftermath& after) noexcept {
    auto const now = now_on_both_clocks();
    if (closed_ || !entry.state.holds(now)) return nullptr;
    return serve(entry, now, after);
}

/// What holds at this time, which is not looked at again: it may be the last moment.
token_ptr token_desk::serve(token_entry& entry, time_stamp now, aftermath& after) noexcept {
    ++entry.counted.hits;
    ++counted_.hits;
    tell(event_type::token_hit, after);
    refresh(entry, now, after);
    return entry.held;
}

/// In the background, when it is due.
void token_desk::refresh(token_entry& entry, time_stamp now, aftermath& after) noexcept {
    bool const flying = entry.flight || entry.waits != token_entry::turn::none;
    if (is_closed() || entry.state.ask(now, flying) != verdict::refresh) return;
    busy(entry);
    want_flight(entry, false, after);
    publish_due(entry);
}

void token_desk::invalidate(token_entry& entry, token const& refused, aftermath& after) noexcept {
    if (!entry.held || is_closed()) return;
    auto const& current = entry.held->access_token;
    if (!core::equal_secrets(current.reveal(), refused.access_token.reveal())) return;
    if (!entry.state.invalidate(now_on_both_clocks())) return;
    ++entry.counted.invalidated;
    ++counted_.invalidated;
    after.forgotten = std::move(entry.held);
    publish(entry);
    if (entry.is_idle()) { // listed anew, as one without a token
        busy(entry);
        idle(entry);
    }
}

void token_desk::leave(token_visitor& visitor) noexcept {
    aftermath after;
    lock held(mutex);
    if (registry_ == nullptr) return; // and the visitor with its coroutine
    if (visitor.entry != nullptr) {
        auto& entry = *visitor.entry;
        visitor.failure =
            core::failure(error_kind::canceled, phase::queue, "the wait for a token was cancelled");
        dismiss(visitor, after);
        left(entry, after);
    }
    release(held, after);
}

void token_desk::refuse(token_visitor& visitor) noexcept {
    aftermath after;
    lock held(mutex);
    visitor.failure = core::without_memory(phase::none);
    after.resume.push_back(visitor.caller);
    release(held, after);
}

void token_desk::refuse(desk_guest& guest) noexcept {
    aftermath after;
    lock held(mutex);
    after.resume.push_back(guest.caller);
    release(held, after);
}

void token_desk::dismiss(token_visitor& visitor, aftermath& after) noexcept {
    auto& entry = *visitor.entry;
    entry.visitors.erase(entry.visitors.iterator_to(visitor));
    waiting_.erase(waiting_.iterator_to(visitor));
    visitor.entry = nullptr;
    after.resume.push_back(visitor.caller);
}

/// A visitor has left by itself.
void token_desk::left(token_entry& entry, aftermath& after) noexcept {
    if (entry.visitors.empty() && !entry.state.holds(now_on_both_clocks())) {
        leave_queue(entry);
        if (entry.flight) abandon(*std::exchange(entry.flight, nullptr), after);
    }
    if (entry.is_idle()) idle(entry);
}

void token_desk::answer_all(token_entry& entry, token_ptr const& got, error_info const& why,
                            aftermath& after) noexcept {
    while (!entry.visitors.empty()) {
        auto& one = entry.visitors.front();
        if (got)
            one.got = got;
        else
            one.failure = core::copy_of(why);
        dismiss(one, after);
    }
}

// ---- flights --------------------------------------------------------------------------------------------

void token_desk::want_flight(token_entry& entry, bool awaited, aftermath& after) noexcept {
    if (entry.flight) return;
    if (entry.waits == token_entry::turn::awaited) return;
    if (entry.waits == token_entry::turn::background) {
        if (!awaited) return;
        leave_queue(entry);
    }
    if (flights_.size() < max_in_flight_) {
        begin(entry, after);
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

/// Those that somebody waits for come first.
void token_desk::give_turns(aftermath& after) noexcept {
    while (flights_.size() < max_in_flight_ && !(awaited_.empty() && background_.empty())) {
        auto& entry = awaited_.empty() ? background_.front() : awaited_.front();
        leave_queue(entry);
        begin(entry, after);
    }
}

void token_desk::begin(token_entry& entry, aftermath& after) noexcept {
    try {
        auto made = std::make_shared<token_flight>(shared_from_this(), client_, entry);
        made->position = flights_.insert(flights_.end(), made);
        entry.flight = made;
        made->next = std::move(after.begin);
        after.begin = std::move(made);
        ++entry.counted.fetches;
        ++counted_.fetches;
    } catch (std::exception const&) {
        entry.state.failed(core::refresh_core::failure::passing, now_on_both_clocks(), random());
        answer_all(entry, nullptr, core::without_memory(phase::none), after);
        if (entry.is_idle()) idle(entry);
    }
}

void token_desk::abandon(token_flight& flight, aftermath& after) noexcept {
    flight.abandoned = true;
    ++flight.entry.abandoned;
    if (!flight.begun) return; // whoever is beginning it will see
    flight.next = std::move(after.cancel);
    after.cancel = flight.shared_from_this();
}

void token_desk::landed(token_flight& flight) noexcept {
    auto const keep = flight.shared_from_this();
    aftermath after;
    lock held(mutex);
    if (registry_ == nullptr) return;
    land(flight, after);
    release(held, after);
}

void token_desk::land(token_flight& flight, aftermath& after) noexcept {
    auto& entry = flight.entry;
    flights_.erase(flight.position);
    bool const wanted = entry.flight.get() == &flight;
    if (wanted)
        entry.flight.reset();
    else
        --entry.abandoned;
    bool const success = flight.op && flight.op->got;
    if (closed_) {
        answer_all(entry, nullptr, closed_error(), after);
    } else if (success && (wanted || !entry.state.holds(now_on_both_clocks()))) {
        accept(entry, flight, after);
    } else if (wanted) {
        fail(entry, flight, after);
    }
    give_turns(after);
    if (entry.is_idle()) idle(entry);
}

void token_desk::accept(token_entry& entry, token_flight& flight, aftermath& after) noexcept {
    auto const now = now_on_both_clocks();
    token_ptr fresh;
    try {
        fresh = std::make_shared<token const>(std::move(*flight.op->got));
    } catch (std::bad_alloc const&) {
        flight.never_begun = core::without_memory(phase::parse);
        fail(entry, flight, after);
        return;
    }
    ++entry.counted.refreshed;
    ++counted_.refreshed;
    entry.counted.last_error.reset();
    entry.refused_subject = secret();
    entry.look_only = false;
    bool const kept = entry.state.received(*fresh, flight.op->subject_times, now, options_, random());
    if (observer_) {
        auto one = made(event_type::token_refreshed);
        if (kept) one.duration = entry.state.served_until().steady - now.steady;
        after.events.add(one);
    }
    if (kept) {
        after.forgotten = std::exchange(entry.held, fresh);
        publish(entry);
    }
    answer_all(entry, fresh, {}, after);
}

void token_desk::fail(token_entry& entry, token_flight& flight, aftermath& after) noexcept {
    auto why = flight.never_begun ? std::move(*flight.never_begun) : std::move(flight.op->failure);
    bool const looked = std::exchange(entry.look_only, false);
    if (looked && entry.counted.last_error && why.kind == error_kind::oauth && why.phase == phase::supplier) {
        // The same subject token as before: what was said of it still holds.
        answer_all(entry, nullptr, *entry.counted.last_error, after);
        return;
    }
    using core::refresh_core;
    auto how = refresh_core::failure::passing;
    if (why.phase == phase::supplier) how = refresh_core::failure::subject;
    if (why.kind == error_kind::oauth && !why.retryable()) {
        how = refresh_core::failure::permanent;
        auto const& subject = flight.op->asked().subject();
        if (subject) entry.refused_subject = subject->token();
    }
    auto const now = now_on_both_clocks();
    entry.state.failed(how, now, random());
    ++entry.counted.failed;
    ++counted_.failed;
    if (observer_) {
        auto one = made(entry.state.holds(now) ? event_type::token_stale : event_type::token_failed);
        one.failed = true;
        one.kind = why.kind;
        one.phase = why.phase;
        one.http_status = why.http_status;
        one.code = why.code;
        after.events.add(one);
    }
    counted_.last_error = core::copy_of(why);
    answer_all(entry, nullptr, why, after);
    entry.counted.last_error = std::move(why);
    publish_due(entry);
}

// ---- what callers see without the lock --------------------------------------------------------------------

void token_desk::publish(token_entry& entry) noexcept {
    if (entry.window == nullptr) return;
    bool const used = !entry.visitors.empty(); // they have it in a moment
    entry.window->set(entry.held, entry.state.served_until(), entry.state.due(), used);
}

/// While a flight is under way nobody needs to ask for one.
void token_desk::publish_due(token_entry& entry) noexcept {
    if (entry.window == nullptr) return;
    bool const flying = entry.flight || entry.waits != token_entry::turn::none;
    entry.window->set_due(flying ? entry.state.served_until() : entry.state.due());
}

// ---- time -------------------------------------------------------------------------------------------------

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
    lock held(mutex);
    if (registry_ == nullptr || !alarm_.counts(generation)) return;
    after.resume.swap(undelivered_);
    auto const now = now_on_both_clocks();
    while (!waiting_.empty() && waiting_.begin()->deadline <= now.steady) {
        auto& one = *waiting_.begin();
        auto& entry = *one.entry;
        one.failure =
            core::failure(error_kind::timeout, phase::queue, "the time to wait for a token is over");
        dismiss(one, after);
        left(entry, after);
    }
    if (now.steady >= drain_deadline_) close_locked(after);
    auto* const entry = closed_ ? nullptr : kept_fresh();
    if (entry != nullptr && entry->held && now.steady >= entry->state.due().steady) {
        due_seen_ = entry->state.due().steady;
        if (entry->window->was_used()) refresh(*entry, now, after);
    }
    release(held, after);
}

// ---- the end
// ------------------------------------------------------------------------------------------------

void token_desk::drain(desk_guest& guest) noexcept {
    aftermath after;
    lock held(mutex);
    guests_.push_back(guest);
    guest.waiting = true;
    if (!closed_ && !draining_) {
        draining_ = true;
        drain_deadline_ = core::after(clock::now(), options_.shutdown_timeout);
    }
    release(held, after);
}

/// Not so in a child of `fork()`, which may find the lock taken for ever.
bool token_desk::is_owner() const noexcept {
    return ::getpid() == owner_;
}

void token_desk::close() noexcept {
    if (!is_owner()) return;
    aftermath after;
    lock held(mutex);
    close_locked(after);
    release(held, after);
}

void token_desk::close_locked(aftermath& after) noexcept {
    if (closed_) return;
    closed_ = true;
    drain_deadline_ = clock::time_point::max();
    while (!awaited_.empty())
        leave_queue(awaited_.front());
    while (!background_.empty())
        leave_queue(background_.front());
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

void token_desk::release(lock& held, aftermath& after) noexcept {
    auto const self = shared_from_this(); // once unlocked, the last handle may go on another thread
    while (after.begin || after.cancel) {
        auto begin = std::exchange(after.begin, nullptr);
        auto cancel = std::exchange(after.cancel, nullptr);
        held.unlock();
        while (cancel) {
            cancel->cancel();
            cancel = std::move(cancel->next);
        }
        while (begin) {
            auto const one = std::move(begin);
            begin = std::move(one->next);
            bool const begun = one->begin();
            held.lock();
            one->begun = begun;
            if (!begun)
                land(*one, after);
            else if (one->abandoned) {
                one->next = std::move(after.cancel);
                after.cancel = one;
            }
            held.unlock();
        }
        held.lock();
    }
    if (draining_ && waiting_.empty() && !closed_) {
        close_locked(after);
        return release(held, after);
    }
    while (closed_ && flights_.empty() && !guests_.empty()) {
        auto& one = guests_.front();
        guests_.pop_front();
        one.waiting = false;
        after.resume.push_back(one.caller);
    }
    set_alarm();
    held.unlock();
    after.events.deliver(observer_);
    resume(held, after.resume);
}

/// Posts completions. Called without the lock.
void token_desk::resume(lock& held, suspended_callers& callers) noexcept {
    while (!callers.empty()) {
        auto& caller = callers.front();
        callers.pop_front();
        if (caller.post()) continue;
        held.lock();
        undelivered_.push_back(caller);
        set_alarm();
        held.unlock();
    }
}

void token_desk::context_gone() noexcept {
    suspended_callers callers;
    std::list<std::shared_ptr<token_flight>> flights;
    {
        lock const held(mutex);
        registry_ = nullptr;
        closed_ = true;
        awaited_.clear();
        background_.clear();
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
    alarm_.destroy();
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
