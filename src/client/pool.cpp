#include "client/pool.hpp"

#include "base/failure.hpp"

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <algorithm>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

namespace {

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

net::destination origin_of(endpoint const& at) {
    return {at.host(), at.port(), at.is_ip_address()};
}

/// None where nothing is encrypted: reading the system's authorities for it would take time.
std::shared_ptr<net::tls_context const> tls_for(net::destination const& to, client_options const& options) {
    if (to.plain) return nullptr;
    return std::make_shared<net::tls_context const>(net::tls_settings_of(options), options.thread_safe);
}

error_info stop_error(stop_reason why, phase where) noexcept {
    switch (why) {
    case stop_reason::timed_out:
        return base::deadline_is_over(where);
    case stop_reason::attempt_timed_out:
        return base::failure(error_kind::timeout, where, "client_options::attempt_timeout is over");
    case stop_reason::closed:
        return base::failure(error_kind::canceled, where, "the client is closed");
    default:
        return base::failure(error_kind::canceled, where, "the exchange was cancelled");
    }
}

} // namespace

pool::pool(asio::any_io_executor executor, client_options const& options)
    : pool(std::move(executor), options, origin_of(options.endpoint)) {}

pool::pool(asio::any_io_executor executor, client_options const& options, net::destination to,
           std::shared_ptr<net::resolver> names)
    : options_(options), origin_(std::move(to)), executor_(std::move(executor)),
      tls_(tls_for(origin_, options)), names_(std::move(names)), residents_(context_registry::of(executor_)),
      resumes_at_once_(executor_.target<asio::io_context::executor_type>() != nullptr), owner_(::getpid()),
      mutex_(options.thread_safe), core_(limits_of(options)), budget_(options.retry.budget),
      sweep_(executor_) {
    residents_->add(*this);
}

pool::~pool() {
    if (gone_) return;
    context_residents::use const last(*residents_, *this);
    if (!connections_.empty()) context_gone(); // it is going, or close() would have ended them
    sweep_.release();
    executor_ = asio::any_io_executor(); // may own the context
}

void pool::start(operation& op) noexcept {
    aftermath after;
    auto const now = op.way.started();
    after.time = now;
    base::mutex_lock held(mutex_);
    BOOST_ASSERT(op.is == operation::state::fresh);
    op.is = operation::state::queued;
    op.number = ++exchanges_begun_;
    ++in_flight_;
    if (closed_ || draining_) {
        finish(op, stopped(op, stop_reason::closed), after);
    } else if (op.deadline <= now) {
        finish(op, stopped(op, stop_reason::timed_out), after);
    } else {
        wake_by(op.deadline, now);
        if (op.supplier)
            ask(op, after);
        else
            enqueue(op, false, after);
    }
    unlock_and_act(held, after);
}

/// Has it wait for a connection: behind the others, or before them when it has waited already.
void pool::enqueue(operation& op, bool again, aftermath& after) noexcept {
    op.is = operation::state::queued;
    op.wanted_connection = after.now();
    core::pool_core::plan plan;
    bool const admitted = core_.acquire(op, op.wanted_connection, plan, again);
    apply(plan, after, error_info());
    if (!admitted)
        finish(op,
               base::failure(error_kind::limit, phase::queue,
                             "client_options::max_waiters exchanges wait for a connection already"),
               after);
}

void pool::refuse(operation& op) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    ++in_flight_;
    finish(op, base::without_memory(phase::none), after);
    unlock_and_act(held, after);
}

// ---- ending from outside --------------------------------------------------------------------------------

void pool::stop(operation& op, stop_reason why) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    if (is_gone()) return; // and the operation with its coroutine
    stop_locked(op, why, after);
    unlock_and_act(held, after);
}

void pool::stop_if_unsent(operation& op) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    if (is_gone()) return;
    bool const waits = op.is == operation::state::asking || op.is == operation::state::queued ||
                       op.is == operation::state::pausing ||
                       (op.is == operation::state::leased && !op.lease->driving && op.lease->serving != &op);
    if (waits && !op.way.was_sent()) stop_locked(op, stop_reason::canceled, after);
    unlock_and_act(held, after);
}

void pool::stop_locked(operation& op, stop_reason why, aftermath& after) noexcept {
    switch (op.is) {
    case operation::state::queued: {
        auto info = stopped(op, why);
        begin_in_vain(op, after);
        core_.abandon(op);
        finish(op, std::move(info), after);
        return;
    }
    case operation::state::asking:
        op.call->cancel();
        answered(*op.call);
        finish(op, stopped(op, why), after);
        return;
    case operation::state::pausing:
        pausing_.erase(pausing_.iterator_to(op));
        finish(op, stopped(op, why), after);
        return;
    case operation::state::judged:
        if (op.stopped == stop_reason::none) op.stopped = why;
        return;
    case operation::state::leased:
        break;
    default:
        return;
    }
    // The end of an attempt gives way to the end of the exchange; else the first reason stands.
    if (op.stopped != stop_reason::none && op.stopped != stop_reason::attempt_timed_out) return;
    op.stopped = why;
    auto& it = *op.lease;
    BOOST_ASSERT(it.current == &op && !it.dead);
    if (it.driving || it.serving != &op) {
        it.again = true; // a driver is in the middle of a step, or about to begin one, and will end it
        return;
    }
    end_stopped(it, op, after);
}

/// Ends a stopped exchange or attempt. Its connection is of use to others when nothing was done on it, or
/// when the answer came whole in the very step and left it usable.
void pool::end_stopped(connection& it, operation& op, aftermath& after) noexcept {
    auto const why = op.stopped;
    BOOST_ASSERT(why != stop_reason::none && op.lease == &it);
    auto info = stopped(op, why);
    core::pool_core::plan plan;
    if (it.serving == &op) {
        core_.lost(it, plan);
        retire(it, after);
    } else {
        give_back(it, plan, after);
    }
    if (why == stop_reason::attempt_timed_out)
        attempt_failed(op, std::move(info), after);
    else
        finish(op, std::move(info), after);
    apply(plan, after, error_info());
}

error_info pool::stopped(operation const& op, stop_reason why) const noexcept {
    if (op.is == operation::state::queued) return stop_error(why, waiting_for());
    if (op.is == operation::state::asking) return stop_error(why, phase::supplier);
    if (op.is != operation::state::leased) return stop_error(why, phase::backoff);
    auto const& session = op.lease->session;
    bool const written = op.lease->serving == &op && session->request_sent() && session->request_complete();
    return stop_error(why, written ? phase::read : phase::write);
}

/// What a queued exchange waits for: what the connection that was begun first does, or its turn.
phase pool::waiting_for() const noexcept {
    if (core_.opening() == 0) return phase::queue;
    for (auto const& it : connections_)
        if (!it->doomed && it->is_at != connection::stage::ready) return it->waits_for();
    return phase::connect;
}

// ---- attempts -------------------------------------------------------------------------------------------

void pool::apply(core::pool_core::plan& plan, aftermath& after, error_info const& why_failed) noexcept {
    to_open_ += plan.open;
    if (plan.to != nullptr) {
        auto& op = as_operation(*plan.to);
        auto& it = as_connection(*plan.slot);
        BOOST_ASSERT(op.is == operation::state::queued && op.lease == nullptr);
        BOOST_ASSERT(it.current == nullptr && !it.dead && !it.doomed);
        op.is = operation::state::leased;
        op.lease = &it;
        op.way.begin_attempt(after.now(), options_.attempt_timeout);
        if (it.reused) {
            ++counted_.reused;
            tell_.reused(after.events, op, it);
        }
        tell_.attempt_began(after.events, op, &it);
        it.current = &op;
        after.drive = it.shared_from_this();
    }
    while (!plan.drop.empty()) {
        auto& slot = plan.drop.front();
        plan.drop.pop_front();
        retire(as_connection(slot), after);
    }
    while (!plan.fail.empty()) {
        auto& op = as_operation(plan.fail.front());
        plan.fail.pop_front();
        if (closed_ || op.deadline <= clock::now()) {
            begin_in_vain(op, after);
            finish(op, base::copy_of(why_failed), after);
        } else {
            op.way.begin_attempt(clock::now(), options_.attempt_timeout);
            tell_.attempt_began(after.events, op, nullptr);
            attempt_failed(op, base::copy_of(why_failed), after);
        }
    }
}

/// What ends in the queue has had an attempt when a connection was being opened meanwhile.
void pool::begin_in_vain(operation& op, aftermath& after) noexcept {
    if (core_.opening() == 0) return;
    op.way.begin_attempt(clock::now(), options_.attempt_timeout);
    tell_.attempt_began(after.events, op, nullptr);
}

void pool::attempt_failed(operation& op, error_info why, aftermath& after) noexcept {
    BOOST_ASSERT(op.is == operation::state::queued || op.is == operation::state::leased);
    tell_.attempt_ended(after.events, op, &why);
    op.is = operation::state::judged;
    op.stopped = stop_reason::none;
    op.lease = nullptr;
    op.failure = std::move(why);
    after.failed.push_back(op);
}

/// Decides what becomes of exchanges whose attempt has failed. The user's classifier is asked without the
/// lock; nobody else ends an operation meanwhile.
void pool::judge_failures_unlocking(aftermath& after) noexcept {
    if (after.failed.empty()) return;
    while (!after.failed.empty()) {
        auto& op = as_operation(after.failed.front());
        after.failed.pop_front();
        BOOST_ASSERT(op.is == operation::state::judged);
        auto said = retry_decision::by_default;
        if (options_.retry.classifier && op.way.attempts() < options_.retry.max_attempts) {
            base::unlocked const meanwhile(mutex_);
            said = classify(op);
        }
        auto why = std::move(op.failure);
        if (op.stopped != stop_reason::none) {
            finish(op, stopped(op, op.stopped), after);
            continue;
        }
        auto const now = clock::now();
        auto next = core::exchange_fsm::action::finish;
        if (!closed_) next = op.way.failed(why, now, options_.retry, said, random_.next(), budget_);
        bool const unauthorized =
            why.kind != error_kind::proxy && (why.http_status == 400 || why.http_status == 401);
        if (next == core::exchange_fsm::action::finish && !closed_ && unauthorized && op.supplier &&
            !op.asked_again && said != retry_decision::give_up && options_.retry.max_attempts > 1) {
            op.asked_again = op.refusal_stands = true;
            op.failure = std::move(why);
            ask(op, after);
            continue;
        }
        if (next == core::exchange_fsm::action::finish) {
            base::append_to(why.message, op.way.why_final());
            finish(op, std::move(why), after);
            continue;
        }
        ++counted_.retries;
        tell_.retry_scheduled(after.events, op, now);
        op.is = operation::state::pausing;
        op.fresh_only = false;
        pausing_.insert(op);
    }
    if (!pausing_.empty()) wake_at(pausing_.begin()->way.resume_at());
}

retry_decision pool::classify(operation const& op) const noexcept try {
    return options_.retry.classifier(op.failure, op.way.attempts());
} catch (...) {
    return retry_decision::by_default;
}

void pool::finish(operation& op, error_info why, aftermath& after) noexcept {
    tell_.attempt_ended(after.events, op, &why);
    why.attempts = op.way.attempts();
    why.request_sent = op.way.was_sent();
    why.earlier = op.way.take_earlier();
    ++counted_.errors[static_cast<std::size_t>(why.kind)];
    op.failure = std::move(why);
    leave(op, after);
}

void pool::succeed(operation& op, aftermath& after) noexcept {
    op.way.succeeded(budget_);
    ++counted_.succeeded;
    tell_.attempt_ended(after.events, op, nullptr);
    leave(op, after);
}

void pool::leave(operation& op, aftermath& after) noexcept {
    BOOST_ASSERT(op.is != operation::state::finished && in_flight_ != 0);
    BOOST_ASSERT(!op.queued && !op.call);
    op.is = operation::state::finished;
    op.lease = nullptr;
    after.resume.push_back(op.caller);
    --in_flight_;
}

/// Unlocks, then does what was left for outside the lock. With `one_at_once` a caller may be left, who is the
/// caller's to resume.
suspended_caller* pool::unlock_and_act(base::mutex_lock& held, aftermath& after,
                                       bool one_at_once) noexcept STS_NOT_ANALYZED {
    auto const self = shared_from_this(); // once unlocked, the last handle may go on another thread
    before_unlock(after);
    held.unlock();
    return act(after, one_at_once);
}

void pool::before_unlock(aftermath& after) noexcept {
    judge_failures_unlocking(after);
    if (in_flight_ == 0 && draining_) close_locked(after);
    settle_guests(after);
    open_planned_unlocking();
}

suspended_caller* pool::act(aftermath& after, bool one_at_once) noexcept {
    bool const in_order = after.shut.empty() || is_owner();
    for (auto const& it : after.shut)
        it->shut(in_order);
    tell_.deliver(after.events); // before the callers go on, who may ask what was seen
    if (!after.calls.empty()) begin_calls(after.calls);
    suspended_caller* first = nullptr;
    if (one_at_once && resumes_at_once_ && !after.resume.empty()) {
        first = &after.resume.front(); // before a `shutdown`, which this may have ended
        after.resume.pop_front();
    }
    resume(after.resume);
    if (after.drive) drive(after.drive);
    return first;
}

/// Posts completions.
void pool::resume(suspended_callers& callers) noexcept {
    while (!callers.empty()) {
        auto& caller = callers.front();
        callers.pop_front();
        if (caller.post()) continue;
        base::mutex_lock const held(mutex_);
        keep_undelivered(caller);
    }
}

/// The last thing that a handler does.
void pool::resume_at_once(suspended_caller& caller) noexcept {
    if (caller.dispatch()) return;
    base::mutex_lock const held(mutex_);
    keep_undelivered(caller);
}

void pool::keep_undelivered(suspended_caller& caller) noexcept {
    undelivered_.push_back(caller);
    wake_by(clock::time_point::max(), clock::now());
}

} // namespace equinix::sts::client_detail
