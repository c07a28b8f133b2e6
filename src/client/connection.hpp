// One connection of the pool, from the first address tried to its end.
//
// It is driven by one thread at a time (`driving`): that one alone touches the tunnel, the session and the
// socket, without the pool's lock. Whoever else wants something done meanwhile sets `again`, and the driver
// looks once more.
#pragma once

#include "client/operation.hpp"
#include "net/connector.hpp"
#include "net/proxy_tunnel.hpp"
#include "net/session.hpp"
#include "net/tls_context.hpp"

#include <equinix/sts/options.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

namespace equinix::sts::client_detail {

/// What driving a connection came to.
enum class step_result {
    wait_read,   ///< go on when it is readable
    wait_write,  ///< go on when it is readable or writable
    tunneled,    ///< the proxy's tunnel stands; go on at once
    opened,      ///< the handshake is complete
    open_failed, ///< there will be no connection; see `failure()`
    answered,    ///< the exchange is over, its outcome set
    broken,      ///< the exchange failed with the connection; see `failure()`
    lost         ///< the idle connection ended or was sent something unasked
};

struct connection : core::pool_slot, std::enable_shared_from_this<connection> {
    enum class stage : unsigned char { connecting, tunneling, handshaking, ready };

    connection(client_options const& settings, net::destination const& to,
               std::shared_ptr<net::connector> opener)
        : options(settings), origin(to), connector(std::move(opener)) {}

    /// Takes over the connected socket. Under the pool's lock, before anyone drives it.
    void begin(boost::asio::ip::tcp::socket connected, std::shared_ptr<net::tls_context const> trust);

    /// One step as far as it goes without waiting. By the driver alone, without the lock. `room` is memory
    /// for a request, which comes back unless the request is stuck.
    step_result step(operation* current, base::wiped_buffer& room) noexcept;

    /// Ends it for good. By the driver, or by whoever found it dead and undriven. Tells the peer so when
    /// `in_order`.
    void shut(bool in_order) noexcept;

    /// Makes want of memory its failure.
    error_info const& without_memory() noexcept;

    /// Makes this its failure.
    error_info const& refused(error_info const& why) noexcept;

    error_info const& failure() const noexcept;

    /// What a connection that is not open yet waits for. Under the pool's lock.
    phase waits_for() const noexcept;

    /// What went over it so far.
    net::socket_traffic traffic() const noexcept {
        return session ? session->traffic() : net::socket_traffic();
    }

    client_options const& options;  // the pool's, which outlives it
    net::destination const& origin; // so too

    // Under the pool's lock.
    stage is_at = stage::connecting;
    bool driving = false;
    bool again = false;
    bool dead = false;     ///< no one may touch it any more but to shut it
    bool retiring = false; ///< the driver shall end it
    bool read_armed = false;
    bool write_armed = false;
    operation* current = nullptr;
    base::clock::time_point opening_since{};
    base::clock::time_point open_deadline{};
    std::list<std::shared_ptr<connection>>::iterator position{};
    std::uint64_t number = 0;    ///< from 1, in the order of beginning
    net::socket_traffic counted; ///< what the pool's statistics have of its traffic

    // The driver's.
    std::shared_ptr<net::connector> connector;
    std::shared_ptr<net::tls_context const> tls;
    std::optional<boost::asio::ip::tcp::socket> socket;
    std::optional<net::proxy_tunnel> tunnel;
    std::optional<net::session> session;
    operation* serving = nullptr;
    base::wiped_buffer request;            ///< of the exchange that it serves, until it is written
    bool reusable = true;                  ///< as the last answer left it
    std::optional<error_info> own_failure; ///< what neither session nor tunnel knows of; and of an answer

private:
    step_result open_tunnel();
    step_result shake_hands();
    std::unique_ptr<net::stream> make_stream();
};

/// Every slot of the pool is a connection.
inline connection& as_connection(core::pool_slot& slot) {
    return static_cast<connection&>(slot);
}

} // namespace equinix::sts::client_detail
