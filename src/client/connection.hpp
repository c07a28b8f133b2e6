// One connection of the pool, from the first connect attempt to its end.
//
// One thread at a time drives a connection (`driving`). Only the driver touches the tunnel, the session and
// the socket, and it does so without the pool's lock. Any other thread that needs something done sets
// `again`, and the driver makes another round.
#pragma once

#include "base/descriptor.hpp"
#include "client/operation.hpp"
#include "client/shared_streams.hpp"
#include "core/look_pace.hpp"
#include "core/silence.hpp"
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

/// The outcome of driving a connection.
enum class step_result {
    wait_read,   ///< continue when it is readable
    wait_write,  ///< continue when it is readable or writable
    tunneled,    ///< the proxy's tunnel is established; continue at once
    opened,      ///< the handshake is complete
    open_failed, ///< the connection could not be opened; see `failure()`
    answered,    ///< the exchange is complete and its outcome is set
    broken,      ///< the exchange failed with the connection; see `failure()`
    lost         ///< the idle connection ended, or received something unsolicited
};

/// How a connection replaces one that could not be opened.
struct replacement {
    bool resume = true; ///< its handshake offers a TLS session if there is one
    unsigned times = 0; ///< how many it replaces
};

struct connection : core::pool_slot, std::enable_shared_from_this<connection> {
    enum class stage : unsigned char { connecting, tunneling, handshaking, ready };

    connection(client_options const& settings, net::destination const& to,
               std::shared_ptr<net::connector> opener, replacement how)
        : options(settings), origin(to), replaces(how), silent(settings.attempt_timeout),
          connector(std::move(opener)) {}

    /// Takes over the connected socket. Called with the pool's lock held, before any thread drives the
    /// connection.
    void begin(boost::asio::ip::tcp::socket connected, std::shared_ptr<net::tls_context const> trust);

    /// Performs one step, as far as possible without waiting. Called by the driver alone, without the lock.
    /// `room` is memory for a request; it is returned unless the request could not be written in full.
    /// `known_quiet`: the socket has received nothing since it was read last.
    step_result step(operation* current, base::wiped_buffer& room, bool known_quiet) noexcept;

    /// Closes the connection for good. Called by the driver, or by the thread that found it dead with no
    /// driver. Notifies the peer when `in_order`.
    void shut(bool in_order) noexcept;

    /// Records that memory ran out as the connection's failure.
    error_info const& without_memory() noexcept;

    /// Records this error as the connection's failure.
    error_info const& refused(error_info const& why) noexcept;

    error_info const& failure() const noexcept;

    /// What a connection that is not open yet is waiting for. Requires the pool's lock.
    phase waits_for() const noexcept;

    /// The bytes transferred so far.
    net::socket_traffic traffic() const noexcept {
        return streams || session ? transport().traffic() : net::socket_traffic();
    }

    /// What its session, of either protocol, reads and writes.
    net::stream const& transport() const noexcept {
        return streams ? streams->session().transport() : session->transport();
    }

    client_options const& options;  // the pool's, which outlives the connection
    net::destination const& origin; // likewise
    replacement const replaces;

    // Guarded by the pool's lock.
    stage is_at = stage::connecting;
    bool driving = false;
    bool again = false;
    bool dead = false;     ///< nothing but `shut` may touch it any longer
    bool retiring = false; ///< retired while it was driven: its driver will shut it
    bool read_armed = false;
    bool write_armed = false;
    bool watched = false;     ///< by the pool's own set, instead of with waits of its own
    bool told = false;        ///< the set, or its own wait, has just named it
    bool resting = false;     ///< the set will name it after a while, whatever arrives
    bool renews = false;      ///< the set is to report anew what it has to report
    bool known_quiet = false; ///< a look at the set has just found nothing received
    bool resumed = false;     ///< its handshake resumed a TLS session
    bool has_answered = false;
    operation* current = nullptr;
    carried_operations starting; ///< on a shared connection: to be begun by the driver
    carried_operations carried;  ///< begun there
    bool stops = false;          ///< one of them was stopped
    bool asks = false;           ///< its driver is to ask whether the peer is there
    bool told_to_end = false;    ///< by its peer: GOAWAY
    bool drive_posted = false;   ///< a handler will drive it
    core::silence silent;        ///< while it carries any
    core::look_pace pace;
    bool rests = false; ///< as its last look has it
    base::clock::time_point opening_since{};
    base::clock::time_point open_deadline{};
    std::list<std::shared_ptr<connection>>::iterator position{};
    std::shared_ptr<std::string const> address_text; ///< for the observer, once there is a TCP connection
    std::uint64_t number = 0;                        ///< from 1, in the order in which they were begun
    net::socket_traffic counted; ///< the traffic that the pool's statistics include already

    // Set before it is opened.
    bool only_http1 = false; ///< the server has asked for it

    // Used by the driver alone.
    std::shared_ptr<net::connector> connector;
    std::shared_ptr<net::tls_context const> tls;
    std::optional<boost::asio::ip::tcp::socket> socket; // not open while it is watched
    std::optional<base::descriptor> file;               // of its socket then
    std::optional<net::proxy_tunnel> tunnel;
    std::optional<net::session> session;
    std::optional<shared_streams> streams; ///< takes over from `session` when several share the connection
    operation* serving = nullptr;
    base::wiped_buffer request; ///< of the exchange in progress, until it is written
    bool reusable = true;       ///< as the last answer left it
    std::optional<error_info>
        own_failure; ///< of its last answer, or one that neither session nor tunnel reports

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
