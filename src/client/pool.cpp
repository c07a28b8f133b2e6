#include "client/pool.hpp"

#include "base/failure.hpp"

#include <boost/asio/io_context.hpp>

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
    : home(std::move(executor), options.thread_safe, options.shutdown_timeout), options_(options),
      origin_(std::move(to)), tls_(tls_for(origin_, options)), names_(std::move(names)),
      resumes_inline_(executor_.target<asio::io_context::executor_type>() != nullptr),
      core_(limits_of(options)), budget_(options.retry.budget) {
    join_context();
}

void pool::start(operation& op) noexcept {
    actions todo;
    auto const now = op.way.started();
    todo.time = now;
    base::mutex_lock held(mutex);
    BOOST_ASSERT(op.is == operation::state::fresh);
    op.is = operation::state::queued;
    op.number = ++exchanges_begun_;
    ++in_flight_;
    if (is_closed()) {
        finish(op, stopped(op, stop_reason::closed), todo);
    } else if (op.deadline <= now) {
        finish(op, stopped(op, stop_reason::timed_out), todo);
    } else {
        wake_by(op.deadline, now);
        if (op.supplier)
            ask(op, todo);
        else
            enqueue(op, false, todo);
    }
    unlock_and_act(held, todo);
}

/// Has it wait for a connection: behind the others, or before them when it has waited already.
void pool::enqueue(operation& op, bool again, actions& todo) noexcept {
    op.is = operation::state::queued;
    op.wanted_connection = todo.now();
    core::pool_core::plan plan;
    bool const admitted = core_.acquire(op, op.wanted_connection, plan, again);
    apply(plan, todo, error_info());
    if (!admitted)
        finish(op,
               base::failure(error_kind::limit, phase::queue,
                             "client_options::max_waiters exchanges wait for a connection already"),
               todo);
}

void pool::refuse(operation& op) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    ++in_flight_;
    finish(op, base::without_memory(phase::none), todo);
    unlock_and_act(held, todo);
}

// ---- ending from outside --------------------------------------------------------------------------------

void pool::stop(operation& op, stop_reason why) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return; // and the operation with its coroutine
    stop_locked(op, why, todo);
    unlock_and_act(held, todo);
}

void pool::stop_if_unsent(operation& op) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (gone_) return;
    bool const waits = op.is == operation::state::asking || op.is == operation::state::queued ||
                       op.is == operation::state::pausing ||
                       (op.is == operation::state::leased && !op.lease->driving && op.lease->serving != &op);
    if (waits && !op.way.was_sent()) stop_locked(op, stop_reason::canceled, todo);
    unlock_and_act(held, todo);
}

void pool::stop_locked(operation& op, stop_reason why, actions& todo) noexcept {
    switch (op.is) {
    case operation::state::queued: {
        auto info = stopped(op, why);
        begin_in_vain(op, todo);
        core_.abandon(op);
        finish(op, std::move(info), todo);
        return;
    }
    case operation::state::asking:
        op.call->cancel();
        answered(*op.call);
        finish(op, stopped(op, why), todo);
        return;
    case operation::state::pausing:
        pausing_.erase(pausing_.iterator_to(op));
        finish(op, stopped(op, why), todo);
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
    auto& conn = *op.lease;
    BOOST_ASSERT(conn.current == &op && !conn.dead);
    if (conn.driving || conn.serving != &op) {
        conn.again = true; // a driver is in the middle of a step, or about to begin one, and will end it
        return;
    }
    end_stopped(conn, op, todo);
}

/// Ends a stopped exchange or attempt. Its connection is of use to others when nothing was done on it, or
/// when the answer came whole in the very step and left it usable.
void pool::end_stopped(connection& conn, operation& op, actions& todo) noexcept {
    auto const why = op.stopped;
    BOOST_ASSERT(why != stop_reason::none && op.lease == &conn);
    auto info = stopped(op, why);
    core::pool_core::plan plan;
    if (conn.serving == &op) {
        core_.lost(conn, plan);
        retire(conn, todo);
    } else {
        give_back(conn, plan, todo);
    }
    if (why == stop_reason::attempt_timed_out)
        attempt_failed(op, std::move(info), todo);
    else
        finish(op, std::move(info), todo);
    apply(plan, todo, error_info());
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
    for (auto const& conn : connections_)
        if (!conn->doomed && conn->is_at != connection::stage::ready) return conn->waits_for();
    return phase::connect;
}

// ---- attempts -------------------------------------------------------------------------------------------

void pool::apply(core::pool_core::plan& plan, actions& todo, error_info const& why_failed) noexcept {
    to_open_ += plan.open;
    if (plan.to != nullptr) {
        auto& op = as_operation(*plan.to);
        auto& conn = as_connection(*plan.slot);
        BOOST_ASSERT(op.is == operation::state::queued && op.lease == nullptr);
        BOOST_ASSERT(conn.current == nullptr && !conn.dead && !conn.doomed);
        op.is = operation::state::leased;
        op.lease = &conn;
        op.way.begin_attempt(todo.now(), options_.attempt_timeout);
        if (conn.reused) {
            ++counted_.reused;
            tell_.reused(todo.events, op, conn);
        }
        tell_.attempt_began(todo.events, op, &conn);
        conn.current = &op;
        todo.drive = conn.shared_from_this();
    }
    while (!plan.drop.empty()) {
        auto& slot = plan.drop.front();
        plan.drop.pop_front();
        retire(as_connection(slot), todo);
    }
    while (!plan.fail.empty()) {
        auto& op = as_operation(plan.fail.front());
        plan.fail.pop_front();
        if (closed_ || op.deadline <= clock::now()) {
            begin_in_vain(op, todo);
            finish(op, base::copy_of(why_failed), todo);
        } else {
            op.way.begin_attempt(clock::now(), options_.attempt_timeout);
            tell_.attempt_began(todo.events, op, nullptr);
            attempt_failed(op, base::copy_of(why_failed), todo);
        }
    }
}

/// What ends in the queue has had an attempt when a connection was being opened meanwhile.
void pool::begin_in_vain(operation& op, actions& todo) noexcept {
    if (core_.opening() == 0) return;
    op.way.begin_attempt(clock::now(), options_.attempt_timeout);
    tell_.attempt_began(todo.events, op, nullptr);
}

void pool::attempt_failed(operation& op, error_info why, actions& todo) noexcept {
    BOOST_ASSERT(op.is == operation::state::queued || op.is == operation::state::leased);
    tell_.attempt_ended(todo.events, op, &why);
    op.is = operation::state::judged;
    op.stopped = stop_reason::none;
    op.lease = nullptr;
    op.failure = std::move(why);
    todo.failed.push_back(op);
}

/// Decides what becomes of exchanges whose attempt has failed. The user's classifier is asked without the
/// lock; nobody else ends an operation meanwhile.
void pool::judge_failures_unlocking(actions& todo) noexcept {
    if (todo.failed.empty()) return;
    while (!todo.failed.empty()) {
        auto& op = as_operation(todo.failed.front());
        todo.failed.pop_front();
        BOOST_ASSERT(op.is == operation::state::judged);
        auto said = retry_decision::by_default;
        if (options_.retry.classifier && op.way.attempts() < options_.retry.max_attempts) {
            base::unlocked const meanwhile(mutex);
            said = classify(op);
        }
        auto why = std::move(op.failure);
        if (op.stopped != stop_reason::none) {
            finish(op, stopped(op, op.stopped), todo);
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
            ask(op, todo);
            continue;
        }
        if (next == core::exchange_fsm::action::finish) {
            base::append_to(why.message, op.way.why_final());
            finish(op, std::move(why), todo);
            continue;
        }
        ++counted_.retries;
        tell_.retry_scheduled(todo.events, op, now);
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

void pool::finish(operation& op, error_info why, actions& todo) noexcept {
    tell_.attempt_ended(todo.events, op, &why);
    why.attempts = op.way.attempts();
    why.request_sent = op.way.was_sent();
    why.earlier = op.way.take_earlier();
    ++counted_.errors[static_cast<std::size_t>(why.kind)];
    op.failure = std::move(why);
    leave(op, todo);
}

void pool::succeed(operation& op, actions& todo) noexcept {
    op.way.succeeded(budget_);
    ++counted_.succeeded;
    tell_.attempt_ended(todo.events, op, nullptr);
    leave(op, todo);
}

void pool::leave(operation& op, actions& todo) noexcept {
    BOOST_ASSERT(op.is != operation::state::finished && in_flight_ != 0);
    BOOST_ASSERT(!op.queued && !op.call);
    op.is = operation::state::finished;
    op.lease = nullptr;
    todo.resume.push_back(op.caller);
    --in_flight_;
}

void pool::before_unlock_unlocking(actions& todo) noexcept {
    if (!warming_.empty()) warming_.settle(core_, closed_, waiting_for(), todo.resume);
    open_planned_unlocking();
}

void pool::act(actions& todo) noexcept {
    bool const in_order = todo.shut.empty() || is_owner();
    for (auto const& conn : todo.shut)
        conn->shut(in_order);
    tell_.deliver(todo.events); // before the callers go on, who may ask what was seen
    if (!todo.calls.empty()) begin_calls(todo.calls);
    if (todo.in_handler && resumes_inline_ && !todo.resume.empty()) {
        todo.resume_inline = &todo.resume.front(); // before a `shutdown`, which this may have ended
        todo.resume.pop_front();
    }
    resume(todo.resume);
    if (todo.drive) drive(todo.drive);
}

} // namespace equinix::sts::client_detail
