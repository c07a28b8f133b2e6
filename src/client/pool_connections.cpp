// The pool's connections: driving them, and what happens to an exchange when one is lost.
#include "base/failure.hpp"
#include "client/pool.hpp"

#include <exception>
#include <utility>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

/// Removes a connection from the pool. The caller updates the bookkeeping of its slot.
void pool::retire(connection& conn, actions& todo) noexcept {
    if (conn.dead || conn.retiring) return;
    conn.current = nullptr;
    if (conn.driving) {
        conn.retiring = true;
        conn.again = true;
        return;
    }
    conn.dead = true;
    tell_.dropped(todo.events, conn);
    todo.shut.splice(todo.shut.end(), connections_, conn.position);
}

/// Drives a connection as far as possible without waiting. Returns a caller that the handler is to resume.
suspended_caller* pool::drive(connection_ptr const& conn, bool in_handler) noexcept {
    actions todo;
    todo.in_handler = in_handler;
    base::mutex_lock held(mutex);
    if (conn->dead) return nullptr;
    if (conn->driving) {
        conn->again = true;
        return nullptr;
    }
    BOOST_ASSERT(!conn->retiring && conn->is_at != connection::stage::connecting);
    conn->driving = true;
    do {
        conn->again = false;
        auto const step = conn->shared ? serve_shared_unlocking(*conn, todo) : serve_unlocking(*conn, todo);
        if (conn->retiring) break;
        if (!conn->again) conn->again = arm_unlocking(conn, step, todo);
        // A caller whose exchange is over does not wait for later exchanges.
        if (conn->again && !todo.resume.empty()) {
            base::unlocked const meanwhile(mutex);
            tell_.deliver(todo.events);
            resume(todo.resume);
        }
    } while (conn->again && !conn->retiring);
    conn->driving = false;
    if (conn->retiring) {
        conn->dead = true;
        tell_.dropped(todo.events, *conn);
        todo.shut.splice(todo.shut.end(), connections_, conn->position);
    }
    if (todo.drive == conn) todo.drive.reset();
    unlock_and_act(held, todo);
    return todo.resume_inline;
}

/// One step of a connection that serves one exchange at a time.
step_result pool::serve_unlocking(connection& conn, actions& todo) noexcept {
    auto* const op = conn.current;
    auto step = step_result::wait_read;
    conn.told = false;
    bool const quiet = std::exchange(conn.known_quiet, false);
    if (op == nullptr || !op->fsm.is_stopped()) {
        base::wiped_buffer room;
        room.swap(spare_);
        {
            base::unlocked const meanwhile(mutex);
            step = conn.step(op, room, quiet);
        }
        if (spare_.capacity() < room.capacity()) spare_.swap(room);
    }
    todo.time.reset(); // the step took some
    settle(conn, op, step, todo);
    // An exchange that was given this connection is begun before anything else.
    if (conn.current != nullptr && conn.current != conn.serving) conn.again = true;
    return step;
}

/// Returns whether it has received anything since the last time.
bool pool::count_traffic(connection& conn) noexcept {
    auto const traffic = conn.traffic();
    auto const received = traffic.received - conn.counted.received;
    counted_.bytes_sent += traffic.sent - conn.counted.sent;
    counted_.bytes_received += received;
    conn.counted = traffic;
    return received != 0;
}

/// Updates the bookkeeping after a step of the driver.
void pool::settle(connection& conn, operation* served, step_result step, actions& todo) noexcept {
    count_traffic(conn);
    if (conn.retiring) return;
    if (served != nullptr && step != step_result::answered && served->fsm.is_stopped())
        return end_interrupted(conn, *served, todo);
    // Only a connection with an exchange returns `answered` or `broken`, and only one without is `lost`.
    BOOST_ASSERT((step != step_result::answered && step != step_result::broken) || served != nullptr);
    BOOST_ASSERT(served == nullptr || served == conn.current);
    core::pool_core::plan plan;
    switch (step) {
    case step_result::wait_read:
    case step_result::wait_write:
        return;
    case step_result::tunneled:
        conn.is_at = connection::stage::handshaking;
        conn.again = true;
        return;
    case step_result::opened:
        opened(conn, todo);
        return;
    case step_result::open_failed:
        open_failed(conn, conn.failure(), todo);
        return;
    case step_result::answered:
        received(conn, *served, todo);
        return;
    case step_result::broken:
        on_connection_lost(conn, *served, todo);
        return;
    case step_result::lost:
        if (conn.current != nullptr)
            return; // leased meanwhile: its exchange notices, and gets another connection
        core_.lost(conn, todo.now(), plan);
        retire(conn, todo);
        break;
    }
    apply(plan, todo, error_info());
}

void pool::opened(connection& conn, actions& todo) noexcept {
    BOOST_ASSERT(conn.is_at == connection::stage::handshaking);
    conn.resumed = conn.transport().resumed();
    ++(conn.resumed ? counted_.handshakes_resumed : counted_.handshakes_full);
    conn.is_at = connection::stage::ready;
    conn.shared = conn.streams.has_value();
    tell_.opened(todo.events, conn);
    conn.capacity = conn.shared ? streams_expected_ : 1;
    if (conn.shared) conn.again = conn.told = true; // it is to send its preface, and may have received one
    core::pool_core::plan plan;
    if (conn.tls == tls_) {
        core_.opened(conn, todo.now(), plan);
    } else {
        // The certificates were reloaded meanwhile: no exchange may use what the old ones verified.
        core_.open_wasted(todo.now(), plan);
        warming_.open_again(core_, todo.now(), plan);
        retire(conn, todo);
    }
    apply(plan, todo, error_info());
}

/// Returns a leased connection that its exchange no longer needs.
void pool::give_back(connection& conn, core::pool_core::plan& plan, actions& todo) noexcept {
    bool const avoided = conn.suspect && addresses_->has_other(conn.address);
    if (conn.reusable && !avoided && !closed_ && conn.tls == tls_) {
        conn.current = nullptr;
        core_.returned(conn, todo.now(), plan);
    } else {
        core_.lost(conn, todo.now(), plan);
        retire(conn, todo);
    }
}

void pool::received(connection& conn, operation& op, actions& todo) noexcept {
    event what{event::type::answered};
    what.where = phase::write;
    what.new_nonce = op.has_new_nonce;
    if (conn.own_failure) what.why = &*conn.own_failure;
    conn.suspect = conn.own_failure && base::is_of_a_sick_server(conn.own_failure->http_status);
    note_answer(conn, todo);
    conn.current = nullptr;
    op.lease = nullptr;
    if (!what.new_nonce) advance(op, what, todo);
    core::pool_core::plan plan;
    give_back(conn, plan, todo);
    apply(plan, todo, error_info());
    if (what.new_nonce) advance(op, what, todo); // needs a connection at once, and this one is there
    conn.own_failure.reset();
}

/// The connection has brought an answer: its address works, unless the answer is that of a sick server.
void pool::note_answer(connection& conn, actions& todo) noexcept {
    bool const first = !std::exchange(conn.has_answered, true);
    if (conn.suspect)
        avoid_address(conn, todo);
    else if (first)
        addresses_->worked(conn.address);
}

/// Whether a TLS session may be why a connection failed: then none of them is offered again. `is_ours`: the
/// client itself has failed.
void pool::note_session(connection const& conn, event& broken, bool is_ours) noexcept {
    broken.resumed = conn.resumed && !conn.has_answered;
    if (broken.resumed && !broken.answer_begun && !is_ours) conn.tls->sessions().clear();
}

/// Tells an exchange that its connection has failed it. Returns whether it goes on over another one.
bool pool::goes_on_after(operation& op, event const& broken, actions& todo) noexcept {
    BOOST_ASSERT(op.lease == nullptr);
    advance(op, broken, todo);
    using state = core::exchange_fsm::state;
    bool const goes_on = op.fsm.is() == state::waiting || op.fsm.is() == state::signing;
    if (broken.unprocessed)
        ++counted_.refused;
    else if (goes_on)
        ++counted_.replaced;
    return goes_on;
}

void pool::on_connection_lost(connection& conn, operation& op, actions& todo) noexcept {
    auto why = base::copy_of(conn.failure());
    event what{event::type::broken};
    what.why = &why;
    what.stale = conn.reused;
    what.answer_begun = conn.session->answer_begun();
    note_session(conn, what, conn.own_failure.has_value());
    // A connection may be closed while it is idle, and the client itself may have failed: neither is the
    // address's fault.
    bool const blames = (!what.stale || what.answer_begun) && !conn.own_failure;
    core::pool_core::plan plan;
    core_.lost(conn, todo.now(), plan);
    retire(conn, todo);
    op.lease = nullptr;
    if (!goes_on_after(op, what, todo) && blames) avoid_address(conn, todo);
    apply(plan, todo, error_info());
}

/// Waits for the socket as the step requires. Returns true when something happened meanwhile.
bool pool::arm_unlocking(connection_ptr const& conn, step_result step, actions& todo) noexcept {
    using wait = asio::ip::tcp::socket::wait_type;
    bool const waited_for = conn->read_armed || conn->write_armed || step == step_result::wait_write;
    bool const gains = conn->shared ? conn->rests : core_.serves_several();
    if (!conn->watched && !waited_for && conn->is_at == connection::stage::ready && gains)
        watched_.add(*conn);
    if (conn->watched) {
        if (conn->rests && step == step_result::wait_read)
            watched_.rest(*conn);
        else
            watched_.wait_for(*conn, step == step_result::wait_write);
        return false;
    }
    bool const read = !conn->read_armed;
    bool const write = step == step_result::wait_write && !conn->write_armed;
    if (!read && !write) return false;
    conn->read_armed = true;
    conn->write_armed = conn->write_armed || write;
    bool armed = true;
    {
        base::unlocked const meanwhile(mutex);
        auto const on = [&](wait what) {
            conn->socket->async_wait(what,
                                     [self = shared_from_this(), conn, what](boost::system::error_code) {
                                         self->ready(conn, what == wait::wait_read);
                                     });
        };
        try {
            if (read) on(wait::wait_read);
            if (write) on(wait::wait_write);
        } catch (std::exception const&) {
            armed = false;
        }
    }
    if (armed) return conn->again;
    // Without a wait nothing would ever drive the connection again.
    if (conn->shared) {
        lose_shared(*conn, base::without_memory(phase::read), todo);
        return false;
    }
    conn->without_memory();
    conn->reusable = false;
    auto const lost = conn->is_at != connection::stage::ready ? step_result::open_failed
                      : conn->current != nullptr              ? step_result::broken
                                                              : step_result::lost;
    settle(*conn, conn->current, lost, todo);
    return false;
}

void pool::ready(connection_ptr const& conn, bool readable) noexcept {
    {
        base::mutex_lock const held(mutex);
        (readable ? conn->read_armed : conn->write_armed) = false;
        conn->told = true;
        watched_.note_thread();
        if (conn->dead) return;
    }
    auto* const caller = drive(conn, true);
    if (caller == nullptr || caller->dispatch()) return;
    base::mutex_lock const held(mutex);
    keep_undelivered(*caller);
}

} // namespace equinix::sts::client_detail
