#include "client/token_desk.hpp"

#include "base/failure.hpp"

#include <new>
#include <utility>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;
using answer = core::token_fsm::answer;

error_info token_desk::closed_error() noexcept {
    return base::failure(error_kind::canceled, phase::none,
                         "the token source or cache is closed, or its io_context was destroyed");
}

desk_terms terms_of(std::shared_ptr<access::handle> client) {
    desk_terms terms;
    terms.executor = client->connections->executor();
    if (!terms.executor)
        throw error(base::failure(error_kind::canceled, phase::none,
                                  "the client's execution context no longer exists"));
    terms.thread_safe = client->thread_safe;
    terms.timeout = client->timeout;
    terms.observer = client->observer;
    terms.client = std::move(client);
    return terms;
}

token_desk::token_desk(desk_terms terms, refresh_options const& options, std::size_t max_in_flight)
    : home(std::move(terms.executor), terms.thread_safe, options.shutdown_timeout),
      client_(std::move(terms.client)), options_(options), max_in_flight_(max_in_flight),
      timeout_(terms.timeout),
      link_(options.sharing.store
                ? std::make_shared<store_link>(options, client_->terms.url, client_->thread_safe)
                : nullptr),
      observer_(std::move(terms.observer)),
      name_(options.name.empty() ? nullptr : std::make_shared<std::string const>(options.name)) {}

std::chrono::nanoseconds token_desk::wait_of(exchange_request const& request) const noexcept {
    return request.timeout().value_or(timeout_);
}

sts::event token_desk::event_of(event_type what, token_entry const& entry) noexcept {
    auto made = event_now(what);
    made.tag = entry.request.tag();
    return made;
}

void token_desk::tell(event_type what, token_entry const& entry, token_actions& todo) const noexcept {
    if (observer_) todo.events.add(event_of(what, entry), name_);
}

void token_desk::tell_hit(exchange_request const& request) const noexcept {
    auto hit = event_now(event_type::token_hit);
    hit.tag = request.tag();
    if (name_) hit.source = *name_;
    client_detail::tell(observer_, hit);
}

bool token_desk::turns_away(token_waiter& waiter, token_actions& todo) noexcept {
    if (!is_closed()) return false;
    waiter.failure = closed_error();
    todo.resume.push_back(waiter.caller);
    return true;
}

// ---- callers ----------------------------------------------------------------------------------------

void token_desk::add_waiter(token_entry& entry, token_waiter& waiter, token_actions& todo) noexcept {
    if (turns_away(waiter, todo)) return;
    BOOST_ASSERT(waiter.entry == nullptr && !waiter.got && !waiter.failure);
    event what{event::type::asked};
    what.now = now_on_both_clocks();
    what.in_time = waiter.deadline > what.now.steady;
    what.may_differ = entry.request.supplier() != nullptr;
    auto const gets = advance(entry, what, todo).caller;
    if (gets != answer::token) {
        ++entry.misses;
        ++counted_.misses;
        tell(event_type::token_miss, entry, todo);
    }
    switch (gets) {
    case answer::token:
        waiter.got = serve(entry, todo);
        break;
    case answer::failure: {
        if (auto* const extras = extras_of(entry)) ++extras->refused;
        ++counted_.refused;
        auto const* const last = last_error_of(entry);
        waiter.failure = last != nullptr ? base::copy_of(*last) : base::without_memory(phase::none);
        break;
    }
    case answer::no_time:
        waiter.failure = base::failure(error_kind::timeout, phase::queue,
                                       "there is no token yet, and no time is left to wait");
        break;
    case answer::wait:
        busy(entry);
        waiter.entry = &entry;
        waiter.is_limited = waiter.deadline - what.now.steady < wait_of(entry.request) * 9 / 10;
        entry.waiters.push_back(waiter);
        waiting_.insert(waiter);
        return give_turns(todo);
    case answer::nothing:
        BOOST_ASSERT(false);
        break;
    }
    todo.resume.push_back(waiter.caller);
}

token_ptr token_desk::serve(token_entry& entry, token_actions& todo) noexcept {
    count_hit(entry);
    ++counted_.hits;
    tell(event_type::token_hit, entry, todo);
    return entry.held;
}

void token_desk::refresh(token_entry& entry, time_stamp now, token_actions& todo) noexcept {
    if (is_closed()) return;
    event what{event::type::tended};
    what.now = now;
    advance(entry, what, todo);
}

/// Reports an event to a token's `fsm` and starts, queues or cancels flights as it returns.
core::token_fsm::step token_desk::advance(token_entry& entry, event const& what,
                                          token_actions& todo) noexcept {
    using action = core::token_fsm::action;
    auto const next = entry.fsm.resume(what);
    switch (next.flight) {
    case action::none:
    case action::begin:
    case action::land:
        break;
    case action::want:
        leave_queue(entry);
        awaited_.push_back(entry);
        break;
    case action::refresh:
        busy(entry);
        background_.push_back(entry);
        give_turns(todo);
        publish_due(entry);
        break;
    case action::forgo:
        leave_queue(entry);
        break;
    case action::abandon:
        abandon(*std::exchange(entry.flight, nullptr), todo);
        break;
    }
    return next;
}

void token_desk::invalidate(token_entry& entry, token const& refused, token_actions& todo) noexcept {
    if (!entry.held || is_closed()) return;
    auto const& current = entry.held->access_token;
    if (!base::equal_secrets(current.reveal(), refused.access_token.reveal())) return;
    if (!entry.fsm.invalidate(now_on_both_clocks())) {
        if (auto* const extras = extras_of(entry)) ++extras->not_invalidated;
        ++counted_.not_invalidated;
        return;
    }
    ++counted_.invalidated;
    if (auto* const extras = extras_of(entry)) {
        ++extras->invalidated;
        extras->invalid_token = entry.held->access_token;
    }
    todo.forgotten = std::move(entry.held);
    publish(entry);
    if (entry.flight) entry.flight->hurry();
    if (entry.is_idle()) { // listed again, as one without a token
        busy(entry);
        idle(entry);
    }
}

void token_desk::erase_token(token_entry& entry, token_actions& todo) noexcept {
    todo.forgotten = std::move(entry.held);
    advance(entry, event{event::type::erased}, todo);
    publish(entry);
}

void token_desk::rekey(token_entry& entry, token_actions& todo) noexcept {
    bool const was_idle = entry.is_idle();
    if (auto* const extras = entry.held ? extras_of(entry) : nullptr)
        extras->invalid_token = entry.held->access_token; // which a store may have, too
    entry.held.reset();
    advance(entry, event{event::type::rekeyed}, todo);
    publish(entry);
    if (!entry.waiters.empty()) {
        advance(entry, event{event::type::missed}, todo);
    } else if (entry.is_idle()) { // listed again, as one without a token
        if (was_idle) busy(entry);
        idle(entry);
    }
}

void token_desk::certificate_changed() noexcept {
    token_actions todo;
    base::mutex_lock held(mutex);
    if (gone_ || is_closed()) return;
    rekey_all(todo);
    give_turns(todo);
    unlock_and_act(held, todo);
}

void token_desk::forget(token_entry& entry) noexcept {
    entry.held.reset();
    entry.fsm.forget();
    show(entry, false);
}

void token_desk::leave(token_waiter& waiter) noexcept {
    token_actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return; // and the waiter with its coroutine
    if (waiter.entry != nullptr) {
        auto& entry = *waiter.entry;
        waiter.failure =
            base::failure(error_kind::canceled, phase::queue, "the wait for a token was cancelled");
        dismiss(waiter, todo);
        left(entry, todo);
    }
    unlock_and_act(held, todo);
}

void token_desk::refuse(token_waiter& waiter) noexcept {
    waiter.failure = base::without_memory(phase::none);
    turn_away(waiter.caller);
}

void token_desk::dismiss(token_waiter& waiter, token_actions& todo) noexcept {
    BOOST_ASSERT(waiter.entry != nullptr);
    auto& entry = *waiter.entry;
    entry.waiters.erase(entry.waiters.iterator_to(waiter));
    waiting_.erase(waiting_.iterator_to(waiter));
    waiter.entry = nullptr;
    todo.resume.push_back(waiter.caller);
}

/// A waiter has left by itself.
void token_desk::left(token_entry& entry, token_actions& todo) noexcept {
    event what{event::type::left};
    what.now = now_on_both_clocks();
    what.others_wait = !entry.waiters.empty();
    advance(entry, what, todo);
    if (entry.is_idle()) idle(entry);
}

void token_desk::answer_all(token_entry& entry, token_ptr const& got, error_info const& why,
                            token_actions& todo) noexcept {
    while (!entry.waiters.empty()) {
        auto& one = entry.waiters.front();
        if (got)
            one.got = got;
        else
            one.failure = base::copy_of(why);
        dismiss(one, todo);
    }
}

// ---- what callers see without the lock --------------------------------------------------------------

void token_desk::publish(token_entry& entry) noexcept {
    show(entry, !entry.waiters.empty()); // they are about to get it
}

/// While a flight is in progress no caller needs to ask for another.
void token_desk::publish_due(token_entry& entry) noexcept {
    show_due(entry, entry.fsm.is_flying() ? entry.fsm.served_until() : entry.fsm.due_at());
}

/// Null when memory ran out: then they are not kept.
entry_extras* token_desk::extras_of(token_entry& entry) noexcept {
    if (!entry.extras) entry.extras.reset(new (std::nothrow) entry_extras);
    return entry.extras.get();
}

} // namespace equinix::sts::client_detail
