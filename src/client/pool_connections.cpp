// The pool's connections: opening, driving, and what becomes of an exchange when one breaks.
#include "client/pool.hpp"
#include "core/failure.hpp"

#include <boost/system/system_error.hpp>

#include <new>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

// ---- opening --------------------------------------------------------------------------------------------

void pool::open_one() {
    connection_ptr it;
    try {
        auto const opener = std::make_shared<net::connector>(executor_, options_.thread_safe);
        auto const opened = std::make_shared<connection>(opener);
        auto const now = clock::now();
        {
            lock const held(mutex_);
            if (closed_) return;
            opened->open_deadline = core::after(now, options_.connect_timeout);
            opened->position = connections_.insert(connections_.end(), opened);
            it = opened;
            wake_by(it->open_deadline, now);
        }
        auto const& to = options_.endpoint;
        opener->start(to.host(), to.port(), to.is_ip_address(),
                      [self = shared_from_this(), it](result<asio::ip::tcp::socket> outcome) {
                          self->connected(it, std::move(outcome));
                      });
    } catch (std::exception const& why) {
        give_up_opening(it, why);
    }
}

/// For want of memory, or of a thread for the resolver. `it` is null when it never came into the pool.
void pool::give_up_opening(connection_ptr const& it, std::exception const& why) {
    auto const* const by_system = dynamic_cast<boost::system::system_error const*>(&why);
    auto const info = core::failure(
        error_kind::network, phase::connect, "no resources to open a connection",
        by_system != nullptr ? by_system->code() : make_error_code(boost::system::errc::not_enough_memory));
    aftermath after;
    lock held(mutex_);
    if (closed_ || (it && (it->dead || it->doomed))) return;
    if (it) {
        open_failed(*it, info, after);
    } else {
        core::pool_core::plan plan;
        core_.open_failed(plan);
        apply(plan, after, info);
    }
    release(held, after);
}

void pool::connected(connection_ptr const& it, result<asio::ip::tcp::socket> outcome) {
    aftermath after;
    lock held(mutex_);
    if (it->dead) return;
    if (outcome.has_value()) {
        try {
            it->begin_tls(std::move(*outcome), tls_, options_);
            after.drive = it;
        } catch (std::bad_alloc const&) {
            outcome = it->without_memory();
        }
    }
    if (outcome.has_error()) open_failed(*it, outcome.error(), after);
    it->connector.reset();
    release(held, after);
}

void pool::open_failed(connection& it, error_info const& why, aftermath& after) {
    retire(it, after);
    core::pool_core::plan plan;
    core_.open_failed(plan);
    for (auto& waiter : plan.fail)
        as_operation(waiter).attempts = 1;
    apply(plan, after, why);
}

/// Takes a connection out of the pool. The bookkeeping of its slot is the caller's.
void pool::retire(connection& it, aftermath& after) {
    if (it.dead || it.doomed) return;
    it.current = nullptr;
    auto const self = *it.position;
    connections_.erase(it.position);
    if (it.driving) {
        it.doomed = true;
        it.again = true;
        return;
    }
    it.dead = true;
    after.shut.push_back(self);
}

// ---- driving --------------------------------------------------------------------------------------------

void pool::drive(connection_ptr const& it) {
    aftermath after;
    lock held(mutex_);
    if (it->dead) return;
    if (it->driving) {
        it->again = true;
        return;
    }
    it->driving = true;
    do {
        it->again = false;
        auto* const op = it->current;
        auto step = step_result::wait_read;
        if (op == nullptr || op->stopped == stop_reason::none) {
            held.unlock();
            step = it->step(op);
            held.lock();
        }
        settle(*it, op, step, after);
        if (it->doomed) break;
        // An exchange that was handed this connection is begun before anything else.
        if (it->current != nullptr && it->current != op) it->again = true;
        if (!it->again) it->again = arm(held, it, step, after);
    } while (it->again && !it->doomed);
    it->driving = false;
    if (it->doomed) {
        it->dead = true;
        after.shut.push_back(it);
    }
    after.drive.reset(); // at most this very connection
    release(held, after);
}

/// Does the bookkeeping of a step that a driver has made.
void pool::settle(connection& it, operation* served, step_result step, aftermath& after) {
    if (it.doomed) return;
    if (served != nullptr && served->stopped != stop_reason::none) {
        end_stopped(it, *served, after);
        return;
    }
    core::pool_core::plan plan;
    switch (step) {
    case step_result::wait_read:
    case step_result::wait_write:
        return;
    case step_result::opened:
        it.is_at = connection::stage::ready;
        core_.opened(it, clock::now(), plan);
        break;
    case step_result::open_failed:
        open_failed(it, it.failure(), after);
        return;
    case step_result::answered:
        it.current = nullptr;
        finish(*served, after);
        if (it.reusable) {
            core_.returned(it, clock::now(), plan);
        } else {
            core_.lost(it, plan);
            retire(it, after);
        }
        break;
    case step_result::broken:
        broke(it, *served, after);
        return;
    case step_result::lost:
        if (it.current != nullptr) return; // handed out meanwhile: its exchange will find out and be replaced
        core_.lost(it, plan);
        retire(it, after);
        break;
    }
    apply(plan, after, error_info());
}

void pool::broke(connection& it, operation& op, aftermath& after) {
    auto why = it.failure();
    // A server may close an idle connection at any time. What it never answered on such a one goes out again
    // on a fresh one, once; that is no new attempt (RFC 9112 section 9.3.1).
    bool const stale = it.reused && why.kind == error_kind::network && !it.session->answer_begun();
    core::pool_core::plan plan;
    core_.lost(it, plan);
    retire(it, after);
    if (stale && !op.replaced && !closed_) {
        op.replaced = true;
        op.fresh_only = true;
        op.lease = nullptr;
        op.is = operation::state::queued;
        core_.acquire(op, clock::now(), plan, true);
    } else {
        finish(op, std::move(why), after);
    }
    apply(plan, after, error_info());
}

/// Waits for the socket as the step asks. True when something happened meanwhile.
bool pool::arm(lock& held, connection_ptr const& it, step_result step, aftermath& after) {
    using wait = asio::ip::tcp::socket::wait_type;
    bool const read = !it->read_armed;
    bool const write = step == step_result::wait_write && !it->write_armed;
    if (!read && !write) return false;
    it->read_armed = true;
    it->write_armed = it->write_armed || write;
    held.unlock();
    auto const on = [&](wait what) {
        it->socket->async_wait(what, [self = shared_from_this(), it, what](boost::system::error_code) {
            self->ready(it, what == wait::wait_read);
        });
    };
    bool armed = true;
    try {
        if (read) on(wait::wait_read);
        if (write) on(wait::wait_write);
    } catch (std::exception const&) {
        armed = false;
    }
    held.lock();
    if (armed) return it->again;
    // Without a wait nothing would ever drive it again.
    it->without_memory();
    auto const lost = it->is_at != connection::stage::ready ? step_result::open_failed
                      : it->current != nullptr              ? step_result::broken
                                                            : step_result::lost;
    settle(*it, it->current, lost, after);
    return false;
}

void pool::ready(connection_ptr const& it, bool readable) {
    {
        lock const held(mutex_);
        (readable ? it->read_armed : it->write_armed) = false;
        if (it->dead) return;
    }
    drive(it);
}

} // namespace equinix::sts::client_detail
