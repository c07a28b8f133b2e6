// One connection of the pool, from the first address tried to its end.
//
// It is driven by one thread at a time (`driving`): that one alone touches the session and the socket,
// without the pool's lock. Whoever else wants something done meanwhile sets `again`, and the driver looks
// once more.
#pragma once

#include "client/operation.hpp"
#include "net/connector.hpp"
#include "net/session.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <memory>
#include <optional>

namespace equinix::sts::client_detail {

/// What driving a connection came to.
enum class step_result {
    wait_read,   ///< go on when it is readable
    wait_write,  ///< go on when it is readable or writable
    opened,      ///< the handshake is complete
    open_failed, ///< there will be no connection; see `failure()`
    answered,    ///< the exchange is over, its outcome set
    broken,      ///< the exchange failed with the connection; see `failure()`
    lost         ///< the idle connection ended or was sent something unasked
};

struct connection : core::pool_slot, std::enable_shared_from_this<connection> {
    enum class stage : unsigned char { connecting, handshaking, ready };

    explicit connection(std::shared_ptr<net::connector> opener) : connector(std::move(opener)) {}

    /// Takes over the connected socket. Under the pool's lock, before anyone drives it.
    void begin_tls(boost::asio::ip::tcp::socket connected, std::shared_ptr<net::tls_context const> const& tls,
                   client_options const& options);

    /// One step as far as it goes without waiting. By the driver alone, without the lock.
    step_result step(operation* current) noexcept;

    /// Ends it for good. By the driver, or by whoever found it dead and undriven.
    void shut() noexcept;

    /// Makes want of memory its failure.
    error_info const& without_memory() noexcept;

    error_info const& failure() const noexcept { return out_of_memory ? *out_of_memory : session->failure(); }

    // Under the pool's lock.
    stage is_at = stage::connecting;
    bool driving = false;
    bool again = false;
    bool dead = false;   ///< no one may touch it any more but to shut it
    bool doomed = false; ///< the driver shall end it
    bool read_armed = false;
    bool write_armed = false;
    operation* current = nullptr;
    core::clock::time_point open_deadline{};
    std::list<std::shared_ptr<connection>>::iterator position{};

    // The driver's.
    std::shared_ptr<net::connector> connector;
    std::optional<boost::asio::ip::tcp::socket> socket;
    std::optional<net::session> session;
    operation* serving = nullptr;
    bool reusable = true; ///< as the last answer left it
    std::optional<error_info> out_of_memory;
};

/// Every slot of the pool is a connection.
inline connection& as_connection(core::pool_slot& slot) {
    return static_cast<connection&>(slot);
}

} // namespace equinix::sts::client_detail
