#include "client/token_desk.hpp"

#include "base/failure.hpp"

#include <unistd.h>

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
    : mutex(client->thread_safe), client_(std::move(client)), options_(options),
      max_in_flight_(max_in_flight), timeout_(client_->timeout), observer_(client_->observer),
      name_(options.name.empty() ? nullptr : std::make_shared<std::string const>(options.name)),
      residents_(context_registry::of(executor_of(*client_))), owner_(::getpid()),
      alarm_(executor_of(*client_)) {
    residents_->add(*this);
}

token_desk::~token_desk() {
    leave_context(); // where what has the entries could not be made
}

void token_desk::leave_context() noexcept STS_NOT_ANALYZED {
    if (std::exchange(gone_, true)) return;
    context_residents::use const last(*residents_, *this);
    alarm_.release(); // its executor may own the context
}

std::chrono::nanoseconds token_desk::wait_of(exchange_request const& request) const noexcept {
    return request.timeout().value_or(timeout_);
}

event token_desk::event_of(event_type what, token_entry const& entry) noexcept {
    auto made = event_now(what);
    made.tag = entry.request.tag();
    return made;
}

void token_desk::tell(event_type what, token_entry const& entry, aftermath& after) const noexcept {
    if (observer_) after.events.add(event_of(what, entry), name_);
}

bool token_desk::turns_away(token_visitor& visitor, aftermath& after) noexcept {
    if (!is_closed()) return false;
    visitor.failure = closed_error();
    after.resume.push_back(visitor.caller);
    return true;
}

// ---- callers ----------------------------------------------------------------------------------------

void token_desk::visit(token_entry& entry, token_visitor& visitor, aftermath& after) noexcept {
    if (turns_away(visitor, after)) return;
    BOOST_ASSERT(visitor.entry == nullptr && !visitor.got && !visitor.failure);
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
    tell(event_type::token_miss, entry, after);
    bool look_only = false;
    if (said == verdict::refuse && entry.request.supplier() && visitor.deadline > now.steady &&
        entry.state.look_again(now)) {
        look_only = true; // another subject token is worth a flight
        said = verdict::fly;
    }
    if (said == verdict::refuse) {
        ++entry.counted.refused;
        ++counted_.refused;
        visitor.failure = entry.counted.last_error ? base::copy_of(*entry.counted.last_error)
                                                   : base::without_memory(phase::none);
        after.resume.push_back(visitor.caller);
        return;
    }
    if (visitor.deadline <= now.steady) {
        visitor.failure =
            base::failure(error_kind::timeout, phase::queue, "there is no token yet, and no time to wait");
        after.resume.push_back(visitor.caller);
        return;
    }
    busy(entry);
    entry.erased = false;
    if (said == verdict::fly) entry.look_only = look_only; // an earlier one may have been abandoned
    visitor.entry = &entry;
    entry.visitors.push_back(visitor);
    waiting_.insert(visitor);
    want_flight(entry, true, after);
}

token_ptr token_desk::look(token_entry& entry, aftermath& after) noexcept {
    auto const now = lately_on_both_clocks();
    if (closed_ || !entry.state.holds(now)) return nullptr;
    return serve(entry, now, after);
}

/// What holds at this time, which is not looked at again: it may be the last moment.
token_ptr token_desk::serve(token_entry& entry, time_stamp now, aftermath& after) noexcept {
    ++entry.counted.hits;
    ++counted_.hits;
    tell(event_type::token_hit, entry, after);
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
    if (!base::equal_secrets(current.reveal(), refused.access_token.reveal())) return;
    if (!entry.state.invalidate(now_on_both_clocks())) {
        ++entry.counted.not_invalidated;
        ++counted_.not_invalidated;
        return;
    }
    ++entry.counted.invalidated;
    ++counted_.invalidated;
    after.forgotten = std::move(entry.held);
    publish(entry);
    if (entry.is_idle()) { // listed anew, as one without a token
        busy(entry);
        idle(entry);
    }
}

void token_desk::erase_token(token_entry& entry, aftermath& after) noexcept {
    after.forgotten = std::move(entry.held);
    entry.state.forget();
    ++entry.erasures;
    entry.erased = true;
    entry.look_only = false;
    leave_queue(entry);
    if (entry.flight) abandon(*std::exchange(entry.flight, nullptr), after);
}

void token_desk::leave(token_visitor& visitor) noexcept {
    aftermath after;
    base::mutex_lock held(mutex);
    if (gone_) return; // and the visitor with its coroutine
    if (visitor.entry != nullptr) {
        auto& entry = *visitor.entry;
        visitor.failure =
            base::failure(error_kind::canceled, phase::queue, "the wait for a token was cancelled");
        dismiss(visitor, after);
        left(entry, after);
    }
    unlock_and_act(held, after);
}

void token_desk::refuse(token_visitor& visitor) noexcept {
    aftermath after;
    base::mutex_lock held(mutex);
    visitor.failure = base::without_memory(phase::none);
    after.resume.push_back(visitor.caller);
    unlock_and_act(held, after);
}

void token_desk::refuse(desk_guest& guest) noexcept {
    aftermath after;
    base::mutex_lock held(mutex);
    after.resume.push_back(guest.caller);
    unlock_and_act(held, after);
}

void token_desk::dismiss(token_visitor& visitor, aftermath& after) noexcept {
    BOOST_ASSERT(visitor.entry != nullptr);
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
            one.failure = base::copy_of(why);
        dismiss(one, after);
    }
}

// ---- what callers see without the lock --------------------------------------------------------------

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

} // namespace equinix::sts::client_detail
