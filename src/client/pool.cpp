#include "client/pool.hpp"

#include "core/failure.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

namespace {

/// How late a deadline of something in flight may be noticed.
constexpr auto sweep_grain = std::chrono::milliseconds(50);

core::pool_limits limits_of(client_options const& options) {
    core::pool_limits limits;
    limits.max_connections = options.max_connections;
    limits.max_opening = options.max_opening;
    limits.max_waiters = options.max_waiters;
    limits.max_uses = options.max_uses;
    limits.idle_timeout = options.idle_timeout;
    limits.max_age = options.max_age;
    return limits;
}

error_info stop_error(stop_reason why, phase where) {
    switch (why) {
    case stop_reason::timed_out:
        return core::failure(error_kind::timeout, where, "the exchange's deadline is over");
    case stop_reason::closed:
        return core::failure(error_kind::canceled, where, "the client is closed");
    default:
        return core::failure(error_kind::canceled, where, "the exchange was cancelled");
    }
}

/// What a connection that is not open yet waits for.
phase stage_of(connection const& it) {
    return it.is_at == connection::stage::handshaking ? phase::tls : it.connector->stage();
}

} // namespace

pool::pool(asio::any_io_executor executor, client_options const& options)
    : options_(options), executor_(std::move(executor)),
      tls_(std::make_shared<net::tls_context const>(options.ca_file, options.ca_pem)),
      registry_(&asio::use_service<context_registry>(asio::query(executor_, asio::execution::context))),
      mutex_(options.thread_safe), core_(limits_of(options)), timer_(executor_) {
    registry_->add(*this);
}

pool::~pool() {
    if (registry_ != nullptr) registry_->remove(*this);
}

// ---- exchanges ------------------------------------------------------------------------------------------

void pool::start(operation& op) {
    aftermath after;
    lock held(mutex_);
    op.is = operation::state::queued;
    ++in_flight_;
    auto const now = clock::now();
    core::pool_core::plan plan;
    if (closed_ || draining_) {
        finish(op, stopped(op, stop_reason::closed), after);
    } else if (op.deadline <= now) {
        finish(op, stopped(op, stop_reason::timed_out), after);
    } else if (!core_.acquire(op, now, plan)) {
        apply(plan, after, error_info());
        finish(op,
               core::failure(error_kind::limit, phase::queue,
                             "client_options::max_waiters exchanges wait for a connection already"),
               after);
    } else {
        wake_by(op.deadline, now);
        apply(plan, after, error_info());
    }
    release(held, after);
}

void pool::stop(operation& op, stop_reason why) {
    aftermath after;
    lock held(mutex_);
    stop_locked(op, why, after);
    release(held, after);
}

void pool::stop_if_unsent(operation& op) {
    aftermath after;
    lock held(mutex_);
    if (op.is == operation::state::queued && !op.sent) stop_locked(op, stop_reason::canceled, after);
    release(held, after);
}

void pool::stop_locked(operation& op, stop_reason why, aftermath& after) {
    if (op.is == operation::state::queued) {
        auto info = stopped(op, why);
        core_.abandon(op);
        finish(op, std::move(info), after);
        return;
    }
    if (op.is != operation::state::leased || op.stopped != stop_reason::none) return;
    op.stopped = why;
    auto& it = *op.lease;
    if (it.driving || it.serving != &op) {
        it.again = true; // a driver is in the middle of a step, or about to begin one, and will end it
        return;
    }
    end_stopped(it, op, after);
}

/// Ends a stopped exchange. Its connection is of use to others when nothing was done on it, or when the
/// answer came whole in the very step and left it usable.
void pool::end_stopped(connection& it, operation& op, aftermath& after) {
    auto info = stopped(op, op.stopped);
    core::pool_core::plan plan;
    if (it.serving == &op || !it.reusable || closed_) {
        core_.lost(it, plan);
        retire(it, after);
    } else {
        it.current = nullptr;
        core_.returned(it, clock::now(), plan);
    }
    finish(op, std::move(info), after);
    apply(plan, after, error_info());
}

error_info pool::stopped(operation const& op, stop_reason why) const {
    if (op.is == operation::state::queued) return stop_error(why, waiting_for());
    bool const written = op.sent && op.lease->session->request_complete();
    return stop_error(why, written ? phase::read : phase::write);
}

/// What a queued exchange waits for: what the connection that was begun first does, or its turn.
phase pool::waiting_for() const {
    if (core_.opening() == 0) return phase::queue;
    for (auto const& it : connections_)
        if (it->is_at != connection::stage::ready) return stage_of(*it);
    return phase::connect;
}

void pool::finish(operation& op, error_info why, aftermath& after) {
    why.attempts = op.attempts;
    why.request_sent = op.sent;
    op.outcome = std::move(why);
    leave(op, after);
}

/// Ends an exchange whose outcome the judge has set.
void pool::finish(operation& op, aftermath& after) {
    if (op.outcome.has_error()) return finish(op, op.outcome.error(), after);
    leave(op, after);
}

void pool::leave(operation& op, aftermath& after) {
    op.is = operation::state::finished;
    op.lease = nullptr;
    after.finished.push_back(op);
    --in_flight_;
}

void pool::apply(core::pool_core::plan& plan, aftermath& after, error_info const& why_failed) {
    if (plan.to != nullptr) {
        auto& op = as_operation(*plan.to);
        auto& it = as_connection(*plan.slot);
        op.is = operation::state::leased;
        op.lease = &it;
        op.attempts = std::max(op.attempts, 1U);
        it.current = &op;
        after.drive = it.shared_from_this();
    }
    after.open += plan.open;
    while (!plan.drop.empty()) {
        auto& slot = plan.drop.front();
        plan.drop.pop_front();
        retire(as_connection(slot), after);
    }
    while (!plan.fail.empty()) {
        auto& op = as_operation(plan.fail.front());
        plan.fail.pop_front();
        finish(op, why_failed, after);
    }
}

/// Unlocks, then does what was left for outside the lock.
void pool::release(lock& held, aftermath& after) {
    auto const self = shared_from_this(); // once unlocked, the last handle may go on another thread
    if (in_flight_ == 0 && (draining_ || closed_)) {
        close_locked(after);
        std::move(drainers_.begin(), drainers_.end(), std::back_inserter(after.drained));
        drainers_.clear();
    }
    held.unlock();
    for (auto const& it : after.shut)
        it->shut();
    for (; after.open != 0; --after.open)
        asio::post(executor_, [self] { self->open_one(); });
    while (!after.finished.empty()) {
        auto& op = as_operation(after.finished.front());
        after.finished.pop_front();
        op.caller.post();
    }
    for (auto& caller : after.drained)
        caller.post();
    if (after.drive) drive(after.drive);
}

// ---- time -----------------------------------------------------------------------------------------------

/// Makes the sweep come for something that is in flight and has this deadline.
void pool::wake_by(clock::time_point deadline, clock::time_point now) {
    wake_at(std::min(deadline, now + sweep_grain));
}

void pool::wake_at(clock::time_point when) {
    if (when >= timer_at_ || !timer_) return;
    timer_at_ = when;
    timer_->expires_at(when);
    timer_->async_wait(
        [self = shared_from_this(), generation = ++timer_generation_](boost::system::error_code ec) {
            if (!ec) self->sweep(generation);
        });
}

void pool::sweep(std::uint64_t generation) {
    aftermath after;
    lock held(mutex_);
    if (closed_ || generation != timer_generation_) return;
    timer_at_ = clock::time_point::max();
    auto const now = clock::now();
    if (now >= drain_deadline_) {
        close_locked(after);
    } else {
        auto next = clock::time_point::max();
        // First found, then ended: ending one may take others out of the list.
        std::vector<connection_ptr> due;
        for (auto const& it : connections_) {
            auto const deadline = it->current != nullptr                  ? it->current->deadline
                                  : it->is_at != connection::stage::ready ? it->open_deadline
                                                                          : clock::time_point::max();
            if (deadline <= now)
                due.push_back(it);
            else
                next = std::min(next, deadline);
        }
        for (auto const& it : due)
            end_overdue(*it, after);
        auto const late = stop_error(stop_reason::timed_out, waiting_for());
        core::pool_core::plan plan;
        core_.tick(now, plan);
        apply(plan, after, late);
        if (in_flight_ != 0 || core_.opening() != 0) next = std::min(next, now + sweep_grain);
        wake_at(std::min({next, core_.next_expiry(), drain_deadline_}));
    }
    release(held, after);
}

void pool::end_overdue(connection& it, aftermath& after) {
    if (it.current != nullptr) {
        stop_locked(*it.current, stop_reason::timed_out, after);
    } else if (it.is_at != connection::stage::ready && !it.dead && !it.doomed) {
        auto const why =
            core::failure(error_kind::timeout, stage_of(it), "client_options::connect_timeout is over");
        open_failed(it, why, after);
    }
}

// ---- the end --------------------------------------------------------------------------------------------

void pool::close() noexcept {
    aftermath after;
    lock held(mutex_);
    close_locked(after);
    release(held, after);
}

void pool::close_locked(aftermath& after) {
    if (closed_) return;
    closed_ = true;
    core::pool_core::plan plan;
    core_.close(plan);
    apply(plan, after, stop_error(stop_reason::closed, phase::queue));
    for (auto at = connections_.begin(); at != connections_.end();) {
        auto& it = **at++;
        if (it.current != nullptr) {
            stop_locked(*it.current, stop_reason::closed, after);
        } else {
            retire(it, after);
        }
    }
    ++timer_generation_;
    if (timer_) timer_->cancel();
}

void pool::drain(suspended_caller caller) {
    aftermath after;
    lock held(mutex_);
    drainers_.push_back(std::move(caller));
    if (!closed_) {
        draining_ = true;
        drain_deadline_ = std::min(drain_deadline_, core::after(clock::now(), options_.shutdown_timeout));
        wake_at(drain_deadline_);
    }
    release(held, after);
}

void pool::context_gone() noexcept {
    std::vector<suspended_caller> callers;
    std::list<connection_ptr> connections;
    {
        lock const held(mutex_);
        registry_ = nullptr;
        closed_ = true;
        core::pool_core::plan plan;
        core_.close(plan);
        while (!plan.fail.empty()) {
            callers.push_back(std::move(as_operation(plan.fail.front()).caller));
            plan.fail.pop_front();
        }
        plan.drop.clear();
        connections.swap(connections_);
        for (auto const& it : connections) {
            if (it->current != nullptr) callers.push_back(std::move(it->current->caller));
            it->current = nullptr;
            it->dead = true;
        }
        std::move(drainers_.begin(), drainers_.end(), std::back_inserter(callers));
        drainers_.clear();
    }
    for (auto const& it : connections)
        it->shut();
    connections.clear();
    timer_.reset();
    executor_ = asio::any_io_executor();
}

} // namespace equinix::sts::client_detail
