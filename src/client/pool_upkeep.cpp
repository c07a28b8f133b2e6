// What the pool does besides exchanges: watching time, warming up, reloading certificates, ending.
#include "base/failure.hpp"
#include "base/lock.hpp"
#include "client/pool.hpp"

#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

namespace {

/// How late a deadline of something in flight may be noticed.
constexpr auto sweep_grain = std::chrono::milliseconds(50);

} // namespace

// ---- time -----------------------------------------------------------------------------------------------

/// Makes the sweep come for something that is in flight and has this deadline.
void pool::wake_by(clock::time_point deadline, clock::time_point now) noexcept {
    wake_at(std::min(deadline, now + sweep_grain));
}

void pool::wake_at(clock::time_point when) noexcept {
    sweep_.wake_at(when, *this);
}

/// The sweep.
void pool::rang(std::uint64_t generation) noexcept {
    {
        base::mutex_lock const held(mutex_);
        if (!sweep_.counts(generation)) return;
    }
    while (resume_one_paused()) {
    }
    aftermath after;
    base::mutex_lock held(mutex_);
    after.resume.swap(undelivered_);
    auto const now = clock::now();
    if (!closed_ && now >= drain_deadline_) close_locked(after);
    if (!closed_) {
        auto next = clock::time_point::max();
        while (auto* const it = first_overdue(now, next))
            end_overdue(*it, now, after);
        while (!asking_.empty() && asking_.begin()->deadline <= now)
            stop_locked(*asking_.begin(), stop_reason::timed_out, after);
        core::pool_core::plan plan;
        core_.tick(now, plan);
        apply(plan, after,
              plan.fail.empty() ? error_info() // most often; nobody pays for a text then
                                : base::deadline_is_over(waiting_for()));
        if (in_flight_ != 0 || core_.is_opening()) next = std::min(next, now + sweep_grain);
        if (!pausing_.empty()) next = std::min(next, pausing_.begin()->way.resume_at());
        wake_at(std::min({next, core_.next_expiry(), drain_deadline_}));
    }
    unlock_and_act(held, after);
}

/// An exchange whose pause is over asks for a connection again, before those that came after it. One at a
/// time: it may be handed one, which is then driven.
bool pool::resume_one_paused() noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    auto const now = clock::now();
    if (closed_ || pausing_.empty() || pausing_.begin()->way.resume_at() > now) return false;
    auto& op = *pausing_.begin();
    if (op.deadline <= now) { // the process or its thread was stopped meanwhile
        stop_locked(op, stop_reason::timed_out, after);
        unlock_and_act(held, after);
        return true;
    }
    pausing_.erase(pausing_.begin());
    if (op.needs_another_subject())
        ask(op, after);
    else
        enqueue(op, true, after);
    unlock_and_act(held, after);
    return true;
}

/// A connection whose exchange, attempt or opening has taken too long; null when there is none, and then the
/// earliest such moment to come is in `next`.
connection* pool::first_overdue(clock::time_point now, clock::time_point& next) noexcept {
    next = clock::time_point::max();
    for (auto const& it : connections_) {
        if (it->doomed) continue;
        auto deadline = clock::time_point::max();
        if (auto const* const op = it->current) {
            // One that is being stopped already is its driver's.
            if (op->stopped == stop_reason::none || op->stopped == stop_reason::attempt_timed_out)
                deadline = op->deadline;
            if (op->stopped == stop_reason::none) deadline = std::min(deadline, op->way.attempt_deadline());
        } else if (it->is_at != connection::stage::ready) {
            deadline = it->open_deadline;
        }
        if (deadline <= now) return it.get();
        next = std::min(next, deadline);
    }
    return nullptr;
}

void pool::end_overdue(connection& it, clock::time_point now, aftermath& after) noexcept {
    if (it.current != nullptr) {
        bool const whole = it.current->deadline <= now;
        stop_locked(*it.current, whole ? stop_reason::timed_out : stop_reason::attempt_timed_out, after);
    } else {
        auto const why =
            base::failure(error_kind::timeout, it.waits_for(), "client_options::connect_timeout is over");
        open_failed(it, why, after);
    }
}

// ---- guests ---------------------------------------------------------------------------------------------

void pool::warm_up(guest& caller) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    guests_.push_back(caller);
    caller.waiting = true;
    caller.connections = std::min(caller.connections, options_.max_connections);
    if (closed_ || draining_) {
        caller.failure = base::failure(error_kind::canceled, phase::none, "the client is closed");
        dismiss(caller, after);
    } else {
        auto const now = clock::now();
        caller.deadline = base::after(now, options_.timeout);
        core::pool_core::plan plan;
        core_.warm_up(caller.connections, plan);
        apply(plan, after, error_info());
        wake_by(caller.deadline, now);
    }
    unlock_and_act(held, after);
}

void pool::leave(guest& caller) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    if (is_gone()) return; // and the caller with its coroutine
    if (caller.waiting) {
        caller.failure = base::failure(error_kind::canceled, waiting_for(), "the warm-up was cancelled");
        dismiss(caller, after);
    }
    unlock_and_act(held, after);
}

void pool::refuse(guest& caller) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    caller.failure = base::without_memory(phase::none);
    after.resume.push_back(caller.caller);
    unlock_and_act(held, after);
}

void pool::drain(guest& caller) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    guests_.push_back(caller);
    caller.waiting = true;
    if (!closed_) {
        draining_ = true;
        drain_deadline_ = std::min(drain_deadline_, base::after(clock::now(), options_.shutdown_timeout));
        wake_at(drain_deadline_);
    }
    unlock_and_act(held, after);
}

/// Sends those away who have what they wait for, or will not get it.
void pool::settle_guests(aftermath& after) noexcept {
    for (auto at = guests_.begin(); at != guests_.end();) {
        auto& one = *at++;
        if (one.connections == 0) {
            if (closed_ && in_flight_ == 0) dismiss(one, after);
        } else if (core_.open() >= one.connections) {
            one.failure.reset();
            dismiss(one, after);
        } else if (closed_) {
            one.failure = base::failure(error_kind::canceled, phase::none, "the client is closed");
            dismiss(one, after);
        } else if (!core_.is_opening()) {
            if (!one.failure)
                one.failure = base::failure(error_kind::network, phase::connect,
                                            "connections were lost while others were opened");
            dismiss(one, after);
        } else if (one.deadline <= clock::now()) {
            one.failure =
                base::failure(error_kind::timeout, waiting_for(), "client_options::timeout is over");
            dismiss(one, after);
        }
    }
}

void pool::dismiss(guest& one, aftermath& after) noexcept {
    BOOST_ASSERT(one.waiting);
    guests_.erase(guests_.iterator_to(one));
    one.waiting = false;
    after.resume.push_back(one.caller);
}

// ---- certificates, statistics ---------------------------------------------------------------------------

void pool::reload_certificates() {
    base::mutex_lock const one_at_a_time(reloading_);
    // Files are read without the lock.
    auto fresh =
        std::make_shared<net::tls_context const>(net::tls_settings_of(options_), options_.thread_safe);
    aftermath after;
    base::mutex_lock held(mutex_);
    tls_.swap(fresh);
    core::pool_core::plan plan;
    core_.drop_idle(plan);
    apply(plan, after, error_info());
    unlock_and_act(held, after);
}

sts::stats pool::stats() const {
    base::mutex_lock held(mutex_);
    auto out = counted_;
    auto const address = last_address_;
    out.open = core_.open();
    out.idle = core_.idle();
    out.leased = core_.leased();
    out.opening = core_.opening();
    out.waiting = core_.waiting();
    out.pausing = pausing_.size();
    out.retry_budget = budget_.left();
    held.unlock();
    out.insecure = options_.insecure_skip_verification;
    if (address.port() != 0) {
        std::ostringstream text;
        text << address;
        out.last_address = text.str();
    }
    return out;
}

bool pool::lives_on(asio::execution_context& context) const {
    if (!is_owner()) return false; // before the lock, which a thread of the parent may have held
    base::mutex_lock const held(mutex_);
    return !gone_ && context_registry::are_of(residents_, context);
}

// ---- the end --------------------------------------------------------------------------------------------

void pool::close() noexcept {
    if (!is_owner()) return; // nor take a lock that a thread of the parent may have held
    context_residents::use const context(*residents_);
    if (!context) return;
    aftermath after; // ends before the use: it has sockets, whose executor may be a strand of the context
    base::mutex_lock held(mutex_);
    close_locked(after);
    unlock_and_act(held, after);
}

void pool::close_locked(aftermath& after) noexcept {
    if (closed_) return;
    closed_ = true;
    to_open_ = 0;
    core::pool_core::plan plan;
    core_.close(plan);
    apply(plan, after, base::failure(error_kind::canceled, phase::queue, "the client is closed"));
    while (!asking_.empty())
        stop_locked(*asking_.begin(), stop_reason::closed, after);
    while (!pausing_.empty())
        stop_locked(*pausing_.begin(), stop_reason::closed, after);
    for (auto at = connections_.begin(); at != connections_.end();) {
        auto& it = **at++;
        if (it.current != nullptr) {
            stop_locked(*it.current, stop_reason::closed, after);
        } else {
            retire(it, after);
        }
    }
    sweep_.cancel();
    if (!undelivered_.empty()) wake_at(clock::now() + sweep_grain);
}

/// Not so in a child of `fork()`, which has the parent's connections in its hands.
bool pool::is_owner() const noexcept {
    return ::getpid() == owner_;
}

void pool::context_gone() noexcept {
    suspended_callers callers;
    connections open;
    asio::any_io_executor home;
    std::optional<asio::steady_timer> timer;
    {
        base::mutex_lock const held(mutex_);
        BOOST_ASSERT(!gone_);
        gone_ = true;
        timer = sweep_.release();
        closed_ = true;
        home.swap(executor_);
        core::pool_core::plan plan;
        core_.close(plan);
        while (!plan.fail.empty()) {
            callers.push_back(as_operation(plan.fail.front()).caller);
            plan.fail.pop_front();
        }
        plan.drop.clear();
        while (!asking_.empty()) {
            auto const call = asking_.begin()->call;
            callers.push_back(answered(*call).caller);
        }
        while (!pausing_.empty()) {
            callers.push_back(pausing_.begin()->caller);
            pausing_.erase(pausing_.begin());
        }
        open.swap(connections_);
        for (auto const& it : open) {
            if (it->current != nullptr) callers.push_back(it->current->caller);
            it->current = nullptr;
            it->dead = true;
        }
        while (!guests_.empty()) {
            callers.push_back(guests_.front().caller);
            guests_.pop_front();
        }
        callers.splice(callers.end(), undelivered_);
        in_flight_ = 0;
        to_open_ = 0;
    }
    for (auto const& it : open)
        it->shut(is_owner());
    open.clear();
    timer.reset();
    home = asio::any_io_executor();
    while (!callers.empty()) {
        auto& caller = callers.front();
        callers.pop_front();
        caller.destroy();
    }
}

} // namespace equinix::sts::client_detail
