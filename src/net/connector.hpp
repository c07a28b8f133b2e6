// Connects a TCP socket to a host and port.
#pragma once

#include "base/lock.hpp"
#include "core/connect_race.hpp"
#include "net/host_addresses.hpp"
#include "net/resolver.hpp"

#include <equinix/sts/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::net {

/// Where to connect to.
struct destination {
    std::string host; ///< a name or an address without brackets
    std::uint16_t port = 443;
    bool is_ip_address = false;
    std::string role = "the endpoint"; ///< its name in a message
    bool plain = false; ///< without TLS, which is allowed only at an address of this machine or its link
};

/// One connect attempt: looks the name up and races its addresses (RFC 8305). Owned by its starter and by its
/// own pending operations; may be used from any thread.
class connector : public std::enable_shared_from_this<connector> {
public:
    using tcp = boost::asio::ip::tcp;

    struct connection {
        tcp::socket socket; ///< non-blocking
        tcp::endpoint to;
    };

    /// Receives a connection, or why there is none. Called once, without a lock held, on the executor's
    /// context; never after `cancel()`.
    using handler = std::function<void(result<connection>)>;

    /// Tries the host's addresses in the order that `addresses` gives, and reports to it where no connection
    /// came about.
    connector(boost::asio::any_io_executor executor, bool thread_safe,
              std::shared_ptr<host_addresses> addresses);

    /// Throws when it cannot begin; the handler is not called then.
    void start(destination to, resolver& names, handler done);

    /// The attempt has taken too long: the addresses that are being tried have failed.
    void time_out() noexcept;

    /// Cancels the attempt: closes what is open and forgets the handler.
    void cancel() noexcept;

    /// `dns` or `connect`: what it is waiting for.
    phase stage() const;

private:
    using attempts = std::list<connection>;

    void look_up(resolver& names) STS_REQUIRES(mutex_);
    void resolved(resolved_name const& name);
    void race(std::vector<boost::asio::ip::address> const& addresses) STS_REQUIRES(mutex_);
    void make(core::connect_race::move next) STS_REQUIRES(mutex_);
    bool try_address(std::size_t index) STS_REQUIRES(mutex_);
    void connected(attempts::iterator at, boost::system::error_code ec);
    void waited(unsigned generation);
    void unlock_and_tell(base::mutex_lock& held) STS_RELEASES(mutex_);
    void without_memory() noexcept STS_REQUIRES(mutex_);
    error_info no_connection() const STS_REQUIRES(mutex_);

    mutable base::mutex mutex_;
    boost::asio::any_io_executor const executor_;
    std::shared_ptr<host_addresses> const book_;
    destination to_ STS_GUARDED_BY(mutex_);
    std::shared_ptr<lookup> lookup_ STS_GUARDED_BY(mutex_);
    std::vector<tcp::endpoint> addresses_ STS_GUARDED_BY(mutex_); // in the order of the attempts
    std::optional<core::connect_race> race_ STS_GUARDED_BY(mutex_);
    attempts open_ STS_GUARDED_BY(mutex_);
    std::optional<boost::asio::steady_timer> stagger_ STS_GUARDED_BY(mutex_);
    unsigned stagger_generation_ STS_GUARDED_BY(mutex_) = 0;
    boost::system::error_code last_error_ STS_GUARDED_BY(mutex_);
    phase stage_ STS_GUARDED_BY(mutex_) = phase::dns;
    bool canceled_ STS_GUARDED_BY(mutex_) = false;
    handler done_ STS_GUARDED_BY(mutex_);
    std::optional<result<connection>> outcome_ STS_GUARDED_BY(mutex_); // determined while the lock was held
};

} // namespace equinix::sts::net
