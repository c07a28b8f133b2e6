// How the pool opens connections: the planned ones, those that replace another at once, and what follows when
// one fails.
#include "base/failure.hpp"
#include "client/pool.hpp"

#include <boost/asio/post.hpp>

#include <exception>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

/// Posts the planned connects to the context: begun here, they could nest without limit. A connect that
/// cannot be posted stays planned.
void pool::open_planned_unlocking() noexcept {
    while (to_open_ != 0 && !closed_) {
        --to_open_;
        bool posted = true;
        auto const home = executor_;
        {
            base::unlocked const meanwhile(mutex);
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

/// Begins one that replaces another at once.
void pool::open_again(replacement how) noexcept {
    try {
        asio::post(executor(), [self = shared_from_this(), how] { self->open_one(how); });
    } catch (std::exception const&) {
        give_up_opening(nullptr);
    }
}

void pool::open_one(replacement how) noexcept {
    connection_ptr conn;
    try {
        auto const opener = std::make_shared<net::connector>(executor(), options_.thread_safe, addresses_);
        auto const made = std::make_shared<connection>(options_, origin_, opener, how);
        auto to = origin_;
        if (auto const& through = options_.proxy)
            to = {through->host(), through->port(), through->is_ip_address(), "the proxy"};
        auto const now = clock::now();
        {
            base::mutex_lock const held(mutex);
            if (closed_) return;
            made->opening_since = now;
            made->open_deadline = base::after(now, options_.connect_timeout);
            made->number = ++connections_begun_;
            made->only_http1 = only_http1_;
            made->position = connections_.insert(connections_.end(), made);
            conn = made;
            wake_by(conn->open_deadline, now);
        }
        opener->start(std::move(to), *names_,
                      [self = shared_from_this(), conn](result<net::connector::connection> outcome) {
                          self->connected(conn, std::move(outcome));
                      });
    } catch (std::exception const&) {
        give_up_opening(conn);
    }
}

/// Called when memory runs out. `conn` is null if it never entered the pool.
void pool::give_up_opening(connection_ptr const& conn) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (closed_ || (conn && (conn->dead || conn->retiring))) return;
    auto const info = base::without_memory(conn ? conn->waits_for() : phase::connect);
    if (conn) {
        open_failed(*conn, info, todo);
    } else {
        tell_.open_failed(todo.events, nullptr, info);
        plan_failed(info, todo);
    }
    unlock_and_act(held, todo);
}

void pool::connected(connection_ptr const& conn, result<net::connector::connection> outcome) noexcept {
    actions todo;
    base::mutex_lock held(mutex);
    if (conn->dead) return;
    if (outcome.has_value()) {
        last_address_ = outcome->to;
        conn->address = net::bytes_of(last_address_.address());
        addresses_->connected(conn->address);
        tell_.connected(*conn, last_address_);
        conn->begin(std::move(outcome->socket), tls_);
        todo.drive = conn;
    } else {
        open_failed(*conn, base::error_of(outcome), todo);
    }
    conn->connector.reset();
    unlock_and_act(held, todo);
}

/// Another connection is opened in its place at once, or the opening has failed.
void pool::open_failed(connection& conn, error_info const& why, actions& todo, bool timed_out) noexcept {
    tell_.open_failed(todo.events, &conn, why);
    core::failed_opening how;
    how.timed_out = timed_out;
    how.by_proxy = options_.proxy.has_value();
    bool const driven_elsewhere = timed_out && conn.driving; // its session is not ours to look at then
    how.session_offered = !driven_elsewhere && conn.session && conn.session->offered_session();
    how.has_other_address = addresses_->has_other(conn.address);
    how.replaced = conn.replaces.times;
    how.addresses = addresses_->listed();
    auto const next = core::after_failed_opening(why, how);
    if (how.session_offered) conn.tls->sessions().clear();
    if (conn.is_at == connection::stage::connecting && timed_out)
        conn.connector->time_out();
    else if (next != core::reopening::without_session && core::blames_address(why, how))
        avoid_address(conn, todo);
    retire(conn, todo);
    if (next == core::reopening::none) return plan_failed(why, todo);
    BOOST_ASSERT(!todo.open_again); // a driver has one connection
    todo.open_again =
        replacement{next == core::reopening::elsewhere && conn.replaces.resume, conn.replaces.times + 1};
    if (next == core::reopening::without_session) ++counted_.sessions_refused;
}

/// What was tried at this connection's address has failed: others are preferred for a while.
void pool::avoid_address(connection const& conn, actions& todo) noexcept {
    if (options_.proxy && conn.is_at != connection::stage::tunneling)
        return; // these are the proxy's addresses
    if (!addresses_->failed(conn.address) || !addresses_->has_other(conn.address)) return;
    core::pool_core::plan plan;
    core_.drop_idle_at(conn.address, plan);
    apply(plan, todo, error_info());
}

/// A planned connection will not be opened.
void pool::plan_failed(error_info const& why, actions& todo) noexcept {
    core_.stop_warming();
    warming_.open_failed(why);
    core::pool_core::plan plan;
    core_.open_failed(todo.now(), random_.next(), plan);
    if (!plan.early) opening_is_paid_ = false;
    apply(plan, todo, why);
}

} // namespace equinix::sts::client_detail
