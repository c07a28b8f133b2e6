// The pool's connections: opening, driving, and what becomes of an exchange when one breaks.
#include "base/failure.hpp"
#include "client/pool.hpp"

#include <boost/asio/post.hpp>

#include <exception>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

// ---- opening --------------------------------------------------------------------------------------------

/// Has the planned connects begun by the context: begun here they could nest without end. What cannot be
/// posted stays planned.
void pool::open_planned_unlocking() noexcept {
    while (to_open_ != 0 && !closed_) {
        --to_open_;
        bool posted = true;
        auto const home = executor_;
        {
            base::unlocked const meanwhile(mutex_);
            try {
                asio::post(home, [self = shared_from_this()] { self->open_one(); });
            } catch (std::exception const&) {
                posted = false;
            }
        }
        if (posted) continue;
        ++to_open_;
        return;
    }
}

void pool::open_one() noexcept {
    connection_ptr it;
    try {
        auto const opener = std::make_shared<net::connector>(executor(), options_.thread_safe);
        auto const made = std::make_shared<connection>(options_, origin_, opener);
        auto to = origin_;
        if (auto const& through = options_.proxy)
            to = {through->host(), through->port(), through->is_ip_address(), "the proxy"};
        auto const now = clock::now();
        {
            base::mutex_lock const held(mutex_);
            if (closed_) return;
            made->opening_since = now;
            made->open_deadline = base::after(now, options_.connect_timeout);
            made->number = ++connections_begun_;
            made->position = connections_.insert(connections_.end(), made);
            it = made;
            wake_by(it->open_deadline, now);
        }
        opener->start(std::move(to), *names_,
                      [self = shared_from_this(), it](result<asio::ip::tcp::socket> outcome) {
                          self->connected(it, std::move(outcome));
                      });
    } catch (std::exception const&) {
        give_up_opening(it);
    }
}

/// For want of memory. `it` is null when it never came into the pool.
void pool::give_up_opening(connection_ptr const& it) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    if (closed_ || (it && (it->dead || it->doomed))) return;
    auto const info = base::without_memory(it ? it->waits_for() : phase::connect);
    if (it) {
        open_failed(*it, info, after);
    } else {
        tell_.open_failed(after.events, nullptr, info);
        plan_failed(info, after);
    }
    unlock_and_act(held, after);
}

void pool::connected(connection_ptr const& it, result<asio::ip::tcp::socket> outcome) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    if (it->dead) return;
    if (outcome.has_value()) {
        boost::system::error_code ignored;
        last_address_ = outcome->remote_endpoint(ignored);
        it->begin(std::move(*outcome), tls_);
        after.drive = it;
    } else {
        open_failed(*it, base::error_of(outcome), after);
    }
    it->connector.reset();
    unlock_and_act(held, after);
}

void pool::open_failed(connection& it, error_info const& why, aftermath& after) noexcept {
    tell_.open_failed(after.events, &it, why);
    retire(it, after);
    plan_failed(why, after);
}

/// A planned connection will not be.
void pool::plan_failed(error_info const& why, aftermath& after) noexcept {
    core_.stop_warming();
    for (auto& one : guests_)
        if (one.connections != 0) one.failure = base::copy_of(why);
    core::pool_core::plan plan;
    core_.open_failed(plan);
    apply(plan, after, why);
}

/// Takes a connection out of the pool. The bookkeeping of its slot is the caller's.
void pool::retire(connection& it, aftermath& after) noexcept {
    if (it.dead || it.doomed) return;
    it.current = nullptr;
    if (it.driving) {
        it.doomed = true;
        it.again = true;
        return;
    }
    it.dead = true;
    tell_.dropped(after.events, it);
    after.shut.splice(after.shut.end(), connections_, it.position);
}

// ---- driving --------------------------------------------------------------------------------------------

/// Goes on with a connection as far as that is without waiting; see `release`.
suspended_caller* pool::drive(connection_ptr const& it, bool one_at_once) noexcept {
    aftermath after;
    base::mutex_lock held(mutex_);
    if (it->dead) return nullptr;
    if (it->driving) {
        it->again = true;
        return nullptr;
    }
    BOOST_ASSERT(!it->doomed && it->is_at != connection::stage::connecting);
    it->driving = true;
    do {
        it->again = false;
        auto* const op = it->current;
        auto step = step_result::wait_read;
        if (op == nullptr || op->stopped == stop_reason::none) {
            base::wiped_buffer room;
            room.swap(spare_);
            {
                base::unlocked const meanwhile(mutex_);
                step = it->step(op, room);
            }
            if (spare_.capacity() < room.capacity()) spare_.swap(room);
        }
        after.time.reset(); // the step took some
        settle(*it, op, step, after);
        if (it->doomed) break;
        // An exchange that was handed this connection is begun before anything else.
        if (it->current != nullptr && it->current != op) it->again = true;
        if (!it->again) it->again = arm_unlocking(it, step, after);
        // Nobody whose exchange is over waits for those that came after it.
        if (it->again && !after.resume.empty()) {
            base::unlocked const meanwhile(mutex_);
            tell_.deliver(after.events);
            resume(after.resume);
        }
    } while (it->again && !it->doomed);
    it->driving = false;
    if (it->doomed) {
        it->dead = true;
        tell_.dropped(after.events, *it);
        after.shut.splice(after.shut.end(), connections_, it->position);
    }
    if (after.drive == it) after.drive.reset();
    return unlock_and_act(held, after, one_at_once);
}

/// Does the bookkeeping of a step that a driver has made.
void pool::settle(connection& it, operation* served, step_result step, aftermath& after) noexcept {
    auto const traffic = it.traffic();
    counted_.bytes_sent += traffic.sent - it.counted.sent;
    counted_.bytes_received += traffic.received - it.counted.received;
    it.counted = traffic;
    if (it.doomed) return;
    // An answer that came whole in the very step in which its time was over stands; a token also where the
    // exchange was cancelled in it, as the caller gets it.
    if (step == step_result::answered &&
        (served->succeeded || served->stopped == stop_reason::attempt_timed_out ||
         served->stopped == stop_reason::timed_out))
        served->stopped = stop_reason::none;
    if (served != nullptr && served->stopped != stop_reason::none) {
        end_stopped(it, *served, after);
        return;
    }
    // Only a connection with an exchange answers or breaks, and only one without is lost.
    BOOST_ASSERT((step != step_result::answered && step != step_result::broken) || served != nullptr);
    BOOST_ASSERT(served == nullptr || served == it.current);
    core::pool_core::plan plan;
    switch (step) {
    case step_result::wait_read:
    case step_result::wait_write:
        return;
    case step_result::tunneled:
        it.is_at = connection::stage::handshaking;
        it.again = true;
        return;
    case step_result::opened:
        opened(it, after);
        return;
    case step_result::open_failed:
        open_failed(it, it.failure(), after);
        return;
    case step_result::answered:
        it.current = nullptr;
        if (served->succeeded)
            succeed(*served, after);
        else
            attempt_failed(*served, std::move(served->failure), after);
        give_back(it, plan, after);
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

void pool::opened(connection& it, aftermath& after) noexcept {
    BOOST_ASSERT(it.is_at == connection::stage::handshaking);
    ++(it.session->resumed() ? counted_.handshakes_resumed : counted_.handshakes_full);
    it.is_at = connection::stage::ready;
    tell_.opened(after.events, it);
    core::pool_core::plan plan;
    if (it.tls == tls_) {
        core_.opened(it, after.now(), plan);
    } else {
        // The certificates were reloaded meanwhile: what the old ones let in serves nobody.
        core_.open_wasted(plan);
        for (auto const& one : guests_)
            core_.warm_up(one.connections, plan);
        retire(it, after);
    }
    apply(plan, after, error_info());
}

/// A leased connection whose exchange has left it.
void pool::give_back(connection& it, core::pool_core::plan& plan, aftermath& after) noexcept {
    if (it.reusable && !closed_ && it.tls == tls_) {
        it.current = nullptr;
        core_.returned(it, after.now(), plan);
    } else {
        core_.lost(it, plan);
        retire(it, after);
    }
}

void pool::broke(connection& it, operation& op, aftermath& after) noexcept {
    auto why = base::copy_of(it.failure());
    core::exchange_fsm::failure_facts facts;
    facts.stale_connection = it.reused;
    facts.answer_begun = it.session->answer_begun();
    core::pool_core::plan plan;
    core_.lost(it, plan);
    retire(it, after);
    if (!closed_ && op.way.replaces(why, facts, options_.retry.replay)) {
        ++counted_.replaced;
        op.fresh_only = true;
        op.lease = nullptr;
        op.is = operation::state::queued;
        core_.acquire(op, after.now(), plan, true);
    } else {
        attempt_failed(op, std::move(why), after);
    }
    apply(plan, after, error_info());
}

/// Waits for the socket as the step asks. True when something happened meanwhile.
bool pool::arm_unlocking(connection_ptr const& it, step_result step, aftermath& after) noexcept {
    using wait = asio::ip::tcp::socket::wait_type;
    bool const read = !it->read_armed;
    bool const write = step == step_result::wait_write && !it->write_armed;
    if (!read && !write) return false;
    it->read_armed = true;
    it->write_armed = it->write_armed || write;
    bool armed = true;
    {
        base::unlocked const meanwhile(mutex_);
        auto const on = [&](wait what) {
            it->socket->async_wait(what, [self = shared_from_this(), it, what](boost::system::error_code) {
                self->ready(it, what == wait::wait_read);
            });
        };
        try {
            if (read) on(wait::wait_read);
            if (write) on(wait::wait_write);
        } catch (std::exception const&) {
            armed = false;
        }
    }
    if (armed) return it->again;
    // Without a wait nothing would ever drive it again.
    it->without_memory();
    it->reusable = false;
    auto const lost = it->is_at != connection::stage::ready ? step_result::open_failed
                      : it->current != nullptr              ? step_result::broken
                                                            : step_result::lost;
    settle(*it, it->current, lost, after);
    return false;
}

void pool::ready(connection_ptr const& it, bool readable) noexcept {
    {
        base::mutex_lock const held(mutex_);
        (readable ? it->read_armed : it->write_armed) = false;
        if (it->dead) return;
    }
    if (auto* const caller = drive(it, true)) resume_at_once(*caller);
}

} // namespace equinix::sts::client_detail
