// What the pool does besides exchanges: deadlines, warming up, reloading certificates, shutting down.
#include "base/failure.hpp"
#include "base/lock.hpp"
#include "client/pool.hpp"
#include "core/bounds.hpp"

#include <algorithm>
#include <new>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

namespace {

/// How late the expiry of a deadline in flight may be noticed.
constexpr auto sweep_grain = std::chrono::milliseconds(50);

/// What has taken too long: an exchange or an attempt on a connection, or, with no operation, its opening.
struct overdue {
    connection* conn = nullptr;
    operation* op = nullptr;
};

/// Returns the first; if there is none, `next` is the earliest such moment to come.
overdue first_overdue(std::list<std::shared_ptr<connection>> const& all, base::clock::time_point now,
                      base::clock::time_point& next) noexcept {
    next = base::clock::time_point::max();
    auto const is_late = [&](base::clock::time_point deadline) {
        if (deadline <= now) return true;
        next = std::min(next, deadline);
        return false;
    };
    for (auto const& conn : all) {
        if (conn->retiring) continue;
        if (conn->current != nullptr) {
            if (is_late(conn->current->fsm.next_deadline())) return {conn.get(), conn->current};
        } else if (conn->is_at != connection::stage::ready) {
            if (is_late(conn->open_deadline)) return {conn.get(), nullptr};
        }
        for (auto* const list : {&conn->starting, &conn->carried})
            for (auto& op : *list)
                if (is_late(op.fsm.next_deadline())) return {conn.get(), &op};
    }
    return {};
}

std::vector<address_stats> numbers_of(net::host_addresses const& addresses) try {
    std::vector<address_stats> out;
    auto const now = base::clock::now();
    for (auto const& one : addresses.entries()) {
        if (!one.listed) break;
        out.push_back(
            {net::address_of(one.address).to_string(), one.connections, one.failures, one.is_avoided(now)});
    }
    return out;
} catch (std::bad_alloc const&) {
    return {};
}

} // namespace

// ---- time -----------------------------------------------------------------------------------------------

/// Schedules the sweep for something in flight that has this deadline.
void pool::wake_by(clock::time_point deadline, clock::time_point now) noexcept {
    wake_at(std::min(deadline, now + sweep_grain));
}

void pool::wake_soon() noexcept {
    mutex.assert_held();
    wake_at(clock::now() + sweep_grain);
}

void pool::before_time() noexcept {
    watched_.serve_meanwhile();
    while (resume_one_paused()) {
    }
}

/// Has those driven that were silent for long. Returns when the next one will have been.
base::clock::time_point pool::look_at_silent(clock::time_point now, actions& todo) noexcept {
    auto next = clock::time_point::max();
    for (auto const& conn : connections_) {
        if (conn->carried.empty() || conn->retiring) continue;
        auto const due = conn->silent.due();
        if (due > now) {
            next = std::min(next, due);
        } else {
            conn->told = true;
            begin_shared(*conn, todo);
        }
    }
    return next;
}

/// The sweep.
void pool::pass_time(actions& todo) noexcept {
    auto const now = clock::now();
    auto next = clock::time_point::max();
    for (auto late = first_overdue(connections_, now, next); late.conn != nullptr;
         late = first_overdue(connections_, now, next))
        end_overdue(*late.conn, late.op, now, todo);
    next = std::min(next, look_at_silent(now, todo));
    while (!asking_.empty() && asking_.begin()->deadline <= now)
        stop_locked(*asking_.begin(), stop_reason::timed_out, todo);
    core::pool_core::plan plan;
    core_.tick(now, plan);
    apply(plan, todo,
          plan.fail.empty() ? error_info() // the usual case, which needs no text
                            : base::deadline_is_over(waiting_for()));
    if (!warming_.empty()) {
        warming_.settle(core_, closed_, todo.resume);
        warming_.time_out(now, waiting_for(), todo.resume);
    }
    if (in_flight_ != 0 || core_.is_opening()) next = std::min(next, now + sweep_grain);
    if (!pausing_.empty()) next = std::min(next, pausing_.begin()->fsm.resume_at());
    wake_at(std::min({next, core_.next_expiry(), core_.next_opening(), drain_deadline_}));
}

/// Lets an exchange whose pause is over acquire a connection again, ahead of newer ones. One at a time: it
/// may get one at once, which is then driven.
bool pool::resume_one_paused() noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    auto const now = clock::now();
    if (closed_ || pausing_.empty() || pausing_.begin()->fsm.resume_at() > now) return false;
    auto& op = *pausing_.begin();
    pausing_.erase(pausing_.begin());
    event what{event::type::pause_over};
    what.now = now;
    what.other_subject = op.needs_another_subject();
    advance(op, what, todo);
    unlock_and_act(held, todo);
    return true;
}

void pool::end_overdue(connection& conn, operation* op, clock::time_point now, actions& todo) noexcept {
    if (op != nullptr) {
        event what{event::type::overdue};
        what.now = now;
        advance(*op, what, todo);
    } else {
        auto const where = conn.waits_for();
        auto const& proxy = options_.proxy;
        bool const by_proxy = proxy && where != phase::tls;
        auto const why = core::opening_is_over(where, by_proxy ? proxy->host() : options_.endpoint.host(),
                                               by_proxy ? proxy->port() : options_.endpoint.port(),
                                               options_.connect_timeout);
        open_failed(conn, why, todo, true);
    }
}

// ---- warming up -----------------------------------------------------------------------------------------

void pool::warm_up(warm_up_waiter& one) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    warming_.add(one);
    one.connections = std::min(one.connections, options_.pool.max_connections);
    if (is_closed()) {
        warming_.leave(one, base::failure(error_kind::canceled, phase::none, "the client is closed"),
                       todo.resume);
    } else {
        auto const now = clock::now();
        one.deadline = base::after(now, options_.timeout);
        core::pool_core::plan plan;
        core_.warm_up(one.connections, now, plan);
        apply(plan, todo, error_info());
        wake_by(one.deadline, now);
    }
    unlock_and_act(held, todo);
}

void pool::leave(warm_up_waiter& one) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return; // and the caller with its coroutine
    warming_.leave(one, base::failure(error_kind::canceled, waiting_for(), "the warm-up was cancelled"),
                   todo.resume);
    unlock_and_act(held, todo);
}

// ---- certificates, statistics ---------------------------------------------------------------------------

bool pool::reload_certificates() {
    base::mutex_lock const one_at_a_time(reloading_);
    // Files are read without the lock.
    auto fresh = std::make_shared<net::tls_context const>(options_.tls, options_.thread_safe,
                                                          options_.timeout, options_.http);
    actions todo;
    base::mutex_lock held(mutex);
    tls_.swap(fresh);
    bool const is_replaced = fresh && tls_->replaces_certificate_of(*fresh);
    core::pool_core::plan plan;
    core_.drop_idle(plan);
    apply(plan, todo, error_info());
    unlock_and_act(held, todo);
    return is_replaced;
}

sts::stats pool::stats() const {
    base::mutex_lock held(mutex);
    auto out = counted_;
    auto const address = last_address_;
    out.open = core_.open();
    out.idle = core_.idle();
    out.leased = core_.leased();
    out.opening = core_.opening();
    out.waiting = core_.waiting();
    out.pausing = pausing_.size();
    out.retry_budget = budget_.left();
    for (auto const& conn : connections_) {
        if (!conn->shared || conn->is == core::pool_slot::state::unknown) continue;
        ++out.http2;
        out.streams += conn->in_use;
    }
    held.unlock();
    out.insecure = options_.tls.insecure_skip_verification;
    if (address.port() != 0) out.last_address = net::text_of(address);
    out.addresses = numbers_of(*addresses_);
    return out;
}

bool pool::lives_on(asio::execution_context& context) const {
    if (!is_owner()) return false; // before the lock, which a thread of the parent may have held
    base::mutex_lock const held(mutex);
    return !gone_ && context_registry::are_of(homes_, context);
}

// ---- the end --------------------------------------------------------------------------------------------

void pool::end(actions& todo) noexcept {
    to_open_ = 0;
    core::pool_core::plan plan;
    core_.close(plan);
    apply(plan, todo, base::failure(error_kind::canceled, phase::queue, "the client is closed"));
    while (!asking_.empty())
        stop_locked(*asking_.begin(), stop_reason::closed, todo);
    while (!pausing_.empty())
        stop_locked(*pausing_.begin(), stop_reason::closed, todo);
    signer_->drop_waiting();
    for (auto at = connections_.begin(); at != connections_.end();) {
        auto& conn = **at++;
        if (conn.shared && conn.in_use != 0) {
            for (auto* const list : {&conn.starting, &conn.carried})
                for (auto one = list->begin(); one != list->end();)
                    stop_locked(*one++, stop_reason::closed, todo);
        } else if (conn.current != nullptr) {
            stop_locked(*conn.current, stop_reason::closed, todo);
        } else {
            retire(conn, todo);
        }
    }
}

void pool::give_up(suspended_callers& callers, actions& todo) noexcept {
    core::pool_core::plan plan;
    core_.close(plan);
    for (; !plan.fail.empty(); plan.fail.pop_front())
        callers.push_back(as_operation(plan.fail.front()).caller);
    plan.drop.clear();
    while (!asking_.empty()) {
        auto const call = asking_.begin()->call;
        call->leave_context();
        callers.push_back(answered(*call).caller);
    }
    signer_->drop_waiting();
    for (; !pausing_.empty(); pausing_.erase(pausing_.begin()))
        callers.push_back(pausing_.begin()->caller);
    todo.shut.swap(connections_);
    todo.watch = watched_.give_up();
    for (auto const& conn : todo.shut) {
        if (conn->current != nullptr) callers.push_back(conn->current->caller);
        for (auto* const list : {&conn->starting, &conn->carried})
            for (; !list->empty(); list->pop_front())
                callers.push_back(list->front().caller);
        conn->current = nullptr;
        conn->dead = true;
    }
    warming_.give_up(callers);
    in_flight_ = 0;
    to_open_ = 0;
}

void pool::let_go(actions& todo) noexcept {
    for (auto const& conn : todo.shut)
        conn->shut(is_owner());
    todo.shut.clear();
    todo.watch.reset();
}

} // namespace equinix::sts::client_detail
