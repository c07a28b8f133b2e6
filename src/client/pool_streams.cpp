// Connections that several exchanges share (HTTP/2): beginning and ending exchanges on them.
#include "base/failure.hpp"
#include "client/pool.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

namespace {

bool is_for_want_of_memory(error_info const& why) noexcept {
    return why.code == boost::system::errc::not_enough_memory;
}

} // namespace

/// Those that begin in one turn of the loop leave together. One that is alone leaves at once.
void pool::begin_shared(connection& conn, actions& todo) noexcept {
    if (conn.carried.empty()) conn.silent.heard(todo.now());
    bool const is_alone = conn.in_use == 1 && conn.pace.last_answers() <= 1 && !todo.drive;
    if (conn.driving) {
        conn.again = true;
    } else if (is_alone && !conn.drive_posted) {
        todo.drive = conn.shared_from_this();
    } else if (!conn.drive_posted) {
        try {
            asio::post(executor_, [self = shared_from_this(), conn = conn.shared_from_this()] {
                {
                    base::mutex_lock const held(self->mutex);
                    conn->drive_posted = false;
                }
                self->drive(conn, false);
            });
            conn.drive_posted = true;
        } catch (std::exception const&) {
            todo.drive = conn.shared_from_this();
        }
    }
}

step_result pool::serve_shared_unlocking(connection& conn, actions& todo) noexcept {
    shared_streams::work what;
    what.reads = std::exchange(conn.told, false);
    what.asks = std::exchange(conn.asks, false);
    conn.known_quiet = false;
    if (std::exchange(conn.stops, false)) stop_shared(conn, todo);
    if (conn.retiring) return step_result::wait_read;
    for (auto op = conn.starting.rbegin(); op != conn.starting.rend(); ++op)
        op->begun_after = std::exchange(what.begun, &*op);
    conn.carried.splice(conn.carried.end(), conn.starting);
    shared_stream* over = nullptr;
    auto step = net::session_step::failed;
    bool without_memory = false;
    {
        base::unlocked const meanwhile(mutex);
        try {
            step = conn.streams->advance(what, over);
        } catch (std::bad_alloc const&) {
            without_memory = true;
        }
    }
    todo.time.reset(); // that took some
    if (count_traffic(conn)) conn.silent.heard(todo.now());
    if (step == net::session_step::failed) {
        lose_shared(conn, without_memory ? base::without_memory(phase::read) : conn.failure(), todo, over);
        return step_result::lost;
    }
    note_peer(conn, todo); // a connection that drains is given to nobody
    std::size_t answers = 0;
    for (; over != nullptr; ++answers)
        settle_stream(conn, *std::exchange(over, over->next), false, todo);
    if (what.reads) conn.rests = conn.pace.rests(todo.now(), answers, conn.in_use);
    if (what.reads && !conn.carried.empty() && is_dead(conn, todo)) return step_result::lost;
    if (!conn.starting.empty() || conn.stops) conn.again = true;
    return step == net::session_step::want_write ? step_result::wait_write : step_result::wait_read;
}

/// Whether nothing has come for so long, and no answer to a PING, that the connection is given up.
bool pool::is_dead(connection& conn, actions& todo) noexcept {
    using action = core::silence::action;
    auto const what = conn.silent.pass(todo.now());
    if (what == action::ask) conn.asks = conn.again = true;
    if (what != action::dead) return false;
    core::pool_core::plan plan;
    core_.doubt(conn, plan);
    apply(plan, todo, error_info());
    lose_shared(conn, base::failure(error_kind::network, phase::read, "the server did not answer a PING"),
                todo);
    return true;
}

/// The stream of an exchange is over. `lost`: so is the connection, which the core knows already. Returns
/// whether its address is to blame for that.
bool pool::settle_stream(connection& conn, shared_stream& one, bool lost, actions& todo) noexcept {
    using state = net::http2_exchange::state;
    auto& op = *one.whose;
    BOOST_ASSERT(op.lease == &conn && op.stream == &one);
    event what{event::type::broken};
    what.where = one.request_complete ? phase::read : phase::write;
    auto why = std::move(one.failure);
    conn.suspect = false;
    switch (one.is) {
    case state::answered:
        what.is = event::type::answered;
        what.where = phase::write;
        what.new_nonce = op.has_new_nonce;
        if (one.brings_error) what.why = &why;
        conn.suspect = one.brings_error && base::is_of_a_sick_server(why.http_status);
        break;
    case state::needs_http1:
        only_http1_ = true;
        [[fallthrough]];
    case state::unprocessed:
        why = base::failure(error_kind::network, phase::write,
                            "the server refused the stream before it processed the request");
        what.unprocessed = true;
        break;
    default:
        what.answer_begun = one.answer_begun;
    }
    bool const is_answered = what.is == event::type::answered;
    conn.carried.erase(conn.carried.iterator_to(op));
    conn.streams->release(one);
    if (!lost) {
        core::pool_core::plan plan;
        bool const avoided = conn.suspect && addresses_->has_other(conn.address);
        if (avoided || only_http1_ || closed_ || conn.tls != tls_) core_.drained(conn, todo.now(), plan);
        core_.returned(conn, todo.now(), plan);
        apply(plan, todo, error_info());
    }
    if (!is_answered) return break_off(conn, op, what, why, lost, todo);
    note_answer(conn, todo);
    op.lease = nullptr;
    advance(op, what, todo);
    return false;
}

/// The connection, if `lost`, or the server's refusal ends an exchange. Returns whether the connection's
/// address is to blame.
bool pool::break_off(connection& conn, operation& op, event& what, error_info& why, bool lost,
                     actions& todo) noexcept {
    if (why.phase != phase::sign) why.phase = what.where;
    what.why = &why;
    what.stale = lost && op.reused;
    if (lost) note_session(conn, what, is_for_want_of_memory(why));
    op.lease = nullptr;
    return !goes_on_after(op, what, todo) && !what.unprocessed && (!what.stale || what.answer_begun);
}

/// The connection has failed, and with it what it carries besides the streams that are over.
void pool::lose_shared(connection& conn, error_info const& why, actions& todo, shared_stream* over) noexcept {
    conn.streams->give_up(why, over);
    note_goaway(conn, todo);
    core::pool_core::plan plan;
    core_.lost(conn, todo.now(), plan); // before anyone could be given it again
    retire(conn, todo);
    bool blamed = false;
    while (over != nullptr)
        blamed = settle_stream(conn, *std::exchange(over, over->next), true, todo) || blamed;
    for (auto* const list : {&conn.carried, &conn.starting}) { // what has no stream yet
        while (!list->empty()) {
            auto& op = list->front();
            list->pop_front();
            BOOST_ASSERT(op.stream == nullptr);
            event what{event::type::broken};
            what.where = phase::write;
            auto copy = base::copy_of(why);
            blamed = break_off(conn, op, what, copy, true, todo) || blamed;
        }
    }
    if (blamed && !is_for_want_of_memory(why)) avoid_address(conn, todo);
    apply(plan, todo, error_info());
}

void pool::note_goaway(connection& conn, actions& todo) noexcept {
    auto const& said = conn.streams->session().goaway();
    if (!said || std::exchange(conn.told_to_end, true)) return;
    ++counted_.drained;
    tell_.drained(todo.events, conn);
    if (said == net::http2_session::in_order) core_.peer_ends(conn);
}

/// What the peer has said of the connection itself.
void pool::note_peer(connection& conn, actions& todo) noexcept {
    auto const& session = conn.streams->session();
    note_goaway(conn, todo);
    core::pool_core::plan plan;
    if (auto const most = session.most_exchanges()) {
        streams_expected_ = std::clamp<std::size_t>(*most, 1, options_.pool.max_streams);
        // Streams that were left to end by themselves take the place of others at the server.
        auto const left = std::min(session.left(), streams_expected_ - 1);
        core_.capacity_changed(conn, streams_expected_ - left, todo.now(), plan);
    }
    if (session.is_draining() && !conn.drains) core_.drained(conn, todo.now(), plan);
    apply(plan, todo, error_info());
}

/// Ends those that were stopped while the connection was driven.
void pool::stop_shared(connection& conn, actions& todo) noexcept {
    for (auto* const list : {&conn.starting, &conn.carried}) {
        for (auto at = list->begin(); at != list->end();) {
            auto& op = *at++;
            if (op.fsm.is_stopped()) end_stream(conn, op, todo);
        }
    }
}

/// Ends an exchange that was stopped; the others go on. Where one has timed out no further one begins.
void pool::end_stream(connection& conn, operation& op, actions& todo) noexcept {
    BOOST_ASSERT(op.lease == &conn && op.fsm.is_stopped());
    event what{event::type::interrupted};
    bool const begun = op.stream != nullptr;
    what.where = begun && op.stream->request_complete ? phase::read : phase::write;
    core::pool_core::plan plan;
    if (begun && op.fsm.is_overdue()) core_.drained(conn, todo.now(), plan);
    if (begun && op.fsm.has_attempt_timed_out()) avoid_address(conn, todo);
    auto& list = begun ? conn.carried : conn.starting;
    list.erase(list.iterator_to(op));
    if (begun) conn.streams->cancel(op, todo.now());
    op.lease = nullptr;
    bool const is_crowded = begun && conn.streams->session().left() > streams_expected_ / 2;
    if ((is_crowded || closed_ || conn.tls != tls_) && !conn.drains) core_.drained(conn, todo.now(), plan);
    core_.returned(conn, todo.now(), plan);
    advance(op, what, todo);
    apply(plan, todo, error_info());
    if (begun && !conn.driving && !conn.dead) begin_shared(conn, todo); // to tell the server
}

} // namespace equinix::sts::client_detail
