#include "client/pool.hpp"

#include "base/failure.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

namespace {

net::destination origin_of(endpoint const& at) {
    return {at.host(), at.port(), at.is_ip_address()};
}

/// Null where nothing is encrypted: loading the system's authorities for nothing would take time.
std::shared_ptr<net::tls_context const> tls_for(net::destination const& to, client_options const& options) {
    if (to.plain) return nullptr;
    return std::make_shared<net::tls_context const>(options.tls, options.thread_safe, options.timeout,
                                                    options.http);
}

/// What the user's classifier says of a failed attempt.
retry_decision classify(retry_options const& by, operation const& op) noexcept try {
    return by.classifier(*op.fsm.failure(), op.fsm.attempts());
} catch (...) {
    return retry_decision::by_default;
}

} // namespace

pool::pool(asio::any_io_executor executor, client_options const& options)
    : pool(std::move(executor), options, origin_of(options.endpoint)) {}

pool::pool(asio::any_io_executor executor, client_options const& options, net::destination to,
           std::shared_ptr<net::resolver> names)
    : home(std::move(executor), options.thread_safe, options.shutdown_timeout), options_(options),
      origin_(std::move(to)), tls_(tls_for(origin_, options)), names_(std::move(names)),
      addresses_(std::make_shared<net::host_addresses>(options.thread_safe)),
      resumes_inline_(executor_.target<asio::io_context::executor_type>() != nullptr),
      core_(options.pool, options.retry, !tls_ || tls_->http() == http_version::http1),
      budget_(options.retry.budget), streams_expected_(options.pool.max_streams) {
    join_context();
}

void pool::start(operation& op) noexcept {
    actions todo;
    event what{event::type::started};
    todo.time = what.now = op.fsm.started();
    what.where = phase::queue;
    base::mutex_lock held(mutex);
    op.number = ++exchanges_begun_;
    ++in_flight_;
    if (!is_closed()) wake_by(op.deadline, what.now);
    advance(op, what, todo);
    unlock_and_act(held, todo);
}

void pool::refuse(operation& op) noexcept {
    actions todo;
    auto why = base::without_memory(phase::none);
    event what{event::type::started};
    what.why = &why;
    base::mutex_lock held(mutex);
    ++in_flight_;
    advance(op, what, todo);
    unlock_and_act(held, todo);
}

// ---- what an exchange does next -------------------------------------------------------------------------

/// Reports an event to the exchange's `fsm` and performs the action that it returns.
void pool::advance(operation& op, event const& what, actions& todo) noexcept {
    auto const attempts = op.fsm.attempts();
    bool const closed = closed_ || (draining_ && op.fsm.is() == core::exchange_fsm::state::fresh);
    auto const next = op.fsm.resume(what, {options_.retry, options_.attempt_timeout, budget_, closed,
                                           core_.opening() != 0, op.limit.value_or(options_.timeout)});
    if (next == core::exchange_fsm::action::send)
        tell_.attempt_began(todo.events, op, op.lease);
    else if (op.fsm.attempts() != attempts)
        tell_.attempt_began(todo.events, op, nullptr);
    if (!op.fsm.in_attempt()) tell_.attempt_ended(todo.events, op, op.fsm.failure());
    if (what.is == event::type::classified) count_retry(op, next, what.now, todo);
    perform(op, next, todo);
}

/// After a failed attempt: whether another one follows, after a pause or with the next opening.
void pool::count_retry(operation& op, core::exchange_fsm::action next, clock::time_point now,
                       actions& todo) noexcept {
    using action = core::exchange_fsm::action;
    if (next != action::pause) return;
    ++counted_.retries;
    op.attempt_failed();
    auto const opens = op.fsm.is_unserved() ? core_.opens_again_at() : clock::time_point::min();
    auto const when = std::max(op.fsm.resume_at(), opens);
    tell_.retry_scheduled(todo.events, op, now, when - now);
}

void pool::perform(operation& op, core::exchange_fsm::action next, actions& todo) noexcept {
    using action = core::exchange_fsm::action;
    switch (next) {
    case action::none:
        return;
    case action::ask:
        return ask(op, todo);
    case action::sign:
        return sign(op, todo);
    case action::acquire:
        return acquire(op, todo);
    case action::send:
        if (op.lease->shared)
            begin_shared(*op.lease, todo);
        else
            todo.drive = op.lease->shared_from_this();
        return;
    case action::interrupt:
        return interrupt(op, todo);
    case action::judge:
        todo.failed.push_back(op);
        return;
    case action::pause:
        pausing_.insert(op);
        return;
    case action::finish:
        return leave(op, todo);
    }
}

/// Queues the exchange for a connection: behind the others, or ahead of them if it has waited already.
void pool::acquire(operation& op, actions& todo) noexcept {
    op.wanted_connection = todo.now();
    op.fresh_only = op.fsm.fresh_only();
    core::pool_core::plan plan;
    bool const admitted = core_.acquire(op, op.wanted_connection, plan, op.fsm.has_waited());
    apply(plan, todo, error_info());
    if (admitted) return;
    auto why = base::failure(
        error_kind::limit, phase::queue,
        "client_options::pool.max_waiters exchanges already wait for a connection: raise it or start fewer");
    event what{event::type::unserved};
    what.why = &why;
    what.turned_away = true;
    advance(op, what, todo);
}

void pool::interrupt(operation& op, actions& todo) noexcept {
    auto& conn = *op.lease;
    BOOST_ASSERT(!conn.dead);
    if (conn.shared) {
        if (!conn.driving) return end_stream(conn, op, todo);
        conn.again = conn.stops = true;
        return;
    }
    BOOST_ASSERT(conn.current == &op);
    if (conn.driving || conn.serving != &op)
        conn.again = true; // a driver is in a step, or about to begin one, and will end the exchange
    else
        end_interrupted(conn, op, todo);
}

/// Ends an exchange that was stopped. Others may use the connection if nothing was sent on it.
void pool::end_interrupted(connection& conn, operation& op, actions& todo) noexcept {
    BOOST_ASSERT(op.lease == &conn);
    event what{event::type::interrupted};
    core::pool_core::plan plan;
    if (conn.serving == &op) {
        if (op.fsm.is_overdue()) core_.doubt(conn, plan);
        if (op.fsm.has_attempt_timed_out()) avoid_address(conn, todo);
        bool const written = conn.session->request_sent() && conn.session->request_complete();
        what.where = written ? phase::read : phase::write;
        core_.lost(conn, todo.now(), plan);
        retire(conn, todo);
    } else {
        what.where = phase::write;
        give_back(conn, plan, todo);
    }
    op.lease = nullptr;
    advance(op, what, todo);
    apply(plan, todo, error_info());
}

/// The exchange is over: removes it from everything it waits for.
void pool::leave(operation& op, actions& todo) noexcept {
    BOOST_ASSERT(in_flight_ != 0);
    core_.abandon(op);
    if (op.call) {
        op.call->cancel();
        answered(*op.call);
    }
    if (op.is_pausing()) pausing_.erase(pausing_.iterator_to(op));
    op.lease = nullptr;
    if (auto const* const why = op.fsm.failure())
        ++counted_.errors[static_cast<std::size_t>(why->kind)];
    else
        ++counted_.succeeded;
    todo.resume.push_back(op.caller);
    --in_flight_;
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
    bool const at_work =
        op.lease != nullptr && (op.lease->driving || op.lease->serving == &op || op.stream != nullptr);
    if (!at_work && !op.fsm.was_sent() && op.fsm.is() != core::exchange_fsm::state::judging)
        stop_locked(op, stop_reason::canceled, todo);
    unlock_and_act(held, todo);
}

void pool::stop_locked(operation& op, stop_reason why, actions& todo) noexcept {
    event what{event::type::stopped};
    what.reason = why;
    if (op.queued) what.where = waiting_for();
    advance(op, what, todo);
}

/// The phase of a waiting exchange: that of the connection that was begun first, or its turn in the queue.
phase pool::waiting_for() const noexcept {
    if (core_.opening() == 0) return phase::queue;
    for (auto const& conn : connections_)
        if (!conn->retiring && conn->is_at != connection::stage::ready) return conn->waits_for();
    return phase::connect;
}

// ---- attempts -------------------------------------------------------------------------------------------

void pool::apply(core::pool_core::plan& plan, actions& todo, error_info const& why_failed) noexcept {
    to_open_ += plan.open;
    while (!plan.to.empty()) {
        auto& op = as_operation(plan.to.front());
        plan.to.pop_front();
        auto& conn = as_connection(*op.slot);
        BOOST_ASSERT(op.lease == nullptr && conn.current == nullptr && !conn.dead && !conn.retiring);
        op.lease = &conn;
        if (conn.shared)
            conn.starting.push_back(op);
        else
            conn.current = &op;
        if (op.reused) ++counted_.reused;
        event what{event::type::leased};
        what.now = todo.now();
        advance(op, what, todo);
    }
    while (!plan.drop.empty()) {
        auto& slot = plan.drop.front();
        plan.drop.pop_front();
        retire(as_connection(slot), todo);
    }
    while (!plan.fail.empty()) {
        auto& op = as_operation(plan.fail.front());
        plan.fail.pop_front();
        auto why = base::copy_of(why_failed);
        event what{event::type::unserved};
        what.why = &why;
        what.now = clock::now();
        advance(op, what, todo);
    }
}

/// Decides what happens to exchanges whose attempt has failed. The user's classifier is called without the
/// lock; nothing else ends these operations meanwhile.
void pool::judge_failures_unlocking(actions& todo) noexcept {
    if (todo.failed.empty()) return;
    while (!todo.failed.empty()) {
        auto& op = as_operation(todo.failed.front());
        todo.failed.pop_front();
        event what{event::type::classified};
        if (options_.retry.classifier && op.fsm.may_go_on(options_.retry)) {
            base::unlocked const meanwhile(mutex);
            what.said = classify(options_.retry, op);
        }
        what.now = clock::now();
        what.random = random_.next();
        bool const unserved = op.fsm.is_unserved();
        what.pays = !unserved || !opening_is_paid_;
        auto const left = budget_.left();
        advance(op, what, todo);
        if (unserved && budget_.left() < left) opening_is_paid_ = true;
    }
    if (!pausing_.empty()) wake_at(pausing_.begin()->fsm.resume_at());
    wake_at(core_.next_opening());
}

void pool::before_unlock_unlocking(actions& todo) noexcept {
    warming_.settle(core_, closed_, todo.resume);
    open_planned_unlocking();
}

void pool::act(actions& todo) noexcept {
    bool const in_order = todo.shut.empty() || is_owner();
    for (auto const& conn : todo.shut) {
        watched_.remove(*conn, in_order);
        conn->shut(in_order);
    }
    tell_.deliver(todo.events); // before the callers continue: they may look at what was observed
    if (!todo.calls.empty()) begin_calls(todo.calls);
    if (todo.in_handler && resumes_inline_ && !todo.resume.empty()) {
        todo.resume_inline = &todo.resume.front(); // before a `shutdown` that this may have completed
        todo.resume.pop_front();
    }
    resume(todo.resume);
    if (todo.drive && !watched_.postpone(todo.drive)) drive(todo.drive, false);
    if (todo.open_again) open_again(*todo.open_again);
}

} // namespace equinix::sts::client_detail
