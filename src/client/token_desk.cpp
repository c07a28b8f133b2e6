#include "client/token_desk.hpp"

#include "base/failure.hpp"

#include <utility>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;
using verdict = core::refresh_core::verdict;

error_info token_desk::closed_error() noexcept {
    return base::failure(error_kind::canceled, phase::none, "the token source or cache is closed");
}

namespace {

/// Throws when its context is gone.
asio::any_io_executor executor_of(access::handle const& client) {
    auto executor = client.connections->executor();
    if (!executor)
        throw error(base::failure(error_kind::canceled, phase::none, "the context of the client is gone"));
    return executor;
}

} // namespace

token_desk::token_desk(std::shared_ptr<access::handle> client, refresh_options const& options,
                       std::size_t max_in_flight)
    : home(executor_of(*client), client->thread_safe, options.shutdown_timeout), client_(std::move(client)),
      options_(options), max_in_flight_(max_in_flight), timeout_(client_->timeout),
      observer_(client_->observer),
      name_(options.name.empty() ? nullptr : std::make_shared<std::string const>(options.name)) {}

std::chrono::nanoseconds token_desk::wait_of(exchange_request const& request) const noexcept {
    return request.timeout().value_or(timeout_);
}

event token_desk::event_of(event_type what, token_entry const& entry) noexcept {
    auto made = event_now(what);
    made.tag = entry.request.tag();
    return made;
}

void token_desk::tell(event_type what, token_entry const& entry, token_actions& todo) const noexcept {
    if (observer_) todo.events.add(event_of(what, entry), name_);
}

bool token_desk::turns_away(token_waiter& waiter, token_actions& todo) noexcept {
    if (!is_closed()) return false;
    waiter.failure = closed_error();
    todo.resume.push_back(waiter.caller);
    return true;
}

// ---- callers ----------------------------------------------------------------------------------------

void token_desk::visit(token_entry& entry, token_waiter& waiter, token_actions& todo) noexcept {
    if (turns_away(waiter, todo)) return;
    BOOST_ASSERT(waiter.entry == nullptr && !waiter.got && !waiter.failure);
    auto const now = now_on_both_clocks();
    bool const flying = entry.flight || entry.waits != token_entry::turn::none;
    auto said = entry.state.ask(now, flying);
    if (said == verdict::serve || said == verdict::refresh) {
        waiter.got = serve(entry, now, todo);
        todo.resume.push_back(waiter.caller);
        return;
    }
    ++entry.counted.misses;
    ++counted_.misses;
    tell(event_type::token_miss, entry, todo);
    bool look_only = false;
    if (said == verdict::refuse && entry.request.supplier() && waiter.deadline > now.steady &&
        entry.state.look_again(now)) {
        look_only = true; // another subject token is worth a flight
        said = verdict::fly;
    }
    if (said == verdict::refuse) {
        ++entry.counted.refused;
        ++counted_.refused;
        waiter.failure = entry.counted.last_error ? base::copy_of(*entry.counted.last_error)
                                                  : base::without_memory(phase::none);
        todo.resume.push_back(waiter.caller);
        return;
    }
    if (waiter.deadline <= now.steady) {
        waiter.failure =
            base::failure(error_kind::timeout, phase::queue, "there is no token yet, and no time to wait");
        todo.resume.push_back(waiter.caller);
        return;
    }
    busy(entry);
    entry.erased = false;
    if (said == verdict::fly) entry.look_only = look_only; // an earlier one may have been abandoned
    waiter.entry = &entry;
    entry.waiters.push_back(waiter);
    waiting_.insert(waiter);
    want_flight(entry, true, todo);
}

token_ptr token_desk::look(token_entry& entry, token_actions& todo) noexcept {
    auto const now = lately_on_both_clocks();
    if (closed_ || !entry.state.holds(now)) return nullptr;
    return serve(entry, now, todo);
}

/// What holds at this time, which is not looked at again: it may be the last moment.
token_ptr token_desk::serve(token_entry& entry, time_stamp now, token_actions& todo) noexcept {
    ++entry.counted.hits;
    ++counted_.hits;
    tell(event_type::token_hit, entry, todo);
    refresh(entry, now, todo);
    return entry.held;
}

/// In the background, when it is due.
void token_desk::refresh(token_entry& entry, time_stamp now, token_actions& todo) noexcept {
    bool const flying = entry.flight || entry.waits != token_entry::turn::none;
    if (is_closed() || entry.state.ask(now, flying) != verdict::refresh) return;
    busy(entry);
    want_flight(entry, false, todo);
    publish_due(entry);
}

void token_desk::invalidate(token_entry& entry, token const& refused, token_actions& todo) noexcept {
    if (!entry.held || is_closed()) return;
    auto const& current = entry.held->access_token;
    if (!base::equal_secrets(current.reveal(), refused.access_token.reveal())) return;
    if (!entry.state.invalidate(now_on_both_clocks())) {
        ++entry.counted.not_invalidated;
        ++counted_.not_invalidated;
        return;
    }
    ++entry.counted.invalidated;
    ++counted_.invalidated;
    todo.forgotten = std::move(entry.held);
    publish(entry);
    if (entry.is_idle()) { // listed anew, as one without a token
        busy(entry);
        idle(entry);
    }
}

void token_desk::erase_token(token_entry& entry, token_actions& todo) noexcept {
    todo.forgotten = std::move(entry.held);
    entry.state.forget();
    ++entry.erasures;
    entry.erased = true;
    entry.look_only = false;
    leave_queue(entry);
    if (entry.flight) abandon(*std::exchange(entry.flight, nullptr), todo);
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
    if (entry.waiters.empty() && !entry.state.holds(now_on_both_clocks())) {
        leave_queue(entry);
        if (entry.flight) abandon(*std::exchange(entry.flight, nullptr), todo);
    }
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
    if (entry.window == nullptr) return;
    bool const used = !entry.waiters.empty(); // they have it in a moment
    entry.window->set(entry.held, entry.state.served_until(), entry.state.due(), used);
}

/// While a flight is under way nobody needs to ask for one.
void token_desk::publish_due(token_entry& entry) noexcept {
    if (entry.window == nullptr) return;
    bool const flying = entry.flight || entry.waits != token_entry::turn::none;
    entry.window->set_due(flying ? entry.state.served_until() : entry.state.due());
}

} // namespace equinix::sts::client_detail
