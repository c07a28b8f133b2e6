// From a host and port to a connected TCP socket.
#pragma once

#include "core/optional_mutex.hpp"

#include <equinix/sts/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace equinix::sts::net {

/// One try to connect. Owned by whoever started it and by its own pending operations; safe from any thread.
class connector : public std::enable_shared_from_this<connector> {
public:
    using tcp = boost::asio::ip::tcp;

    /// Receives a connected, non-blocking socket, or why there is none. Called once, without a lock held, on
    /// the executor's context; not at all after `cancel()`.
    using handler = std::function<void(result<tcp::socket>)>;

    connector(boost::asio::any_io_executor executor, bool thread_safe);

    /// Tries the host's addresses one after another until one answers.
    void start(std::string const& host, std::uint16_t port, bool is_ip_address, handler done);

    /// Gives up: closes what is open and forgets the handler.
    void cancel() noexcept;

    /// `dns` or `connect`: what is being waited for.
    phase stage() const;

private:
    using lock = std::unique_lock<core::optional_mutex>;

    void resolved(boost::system::error_code ec, tcp::resolver::results_type addresses);
    void connect_next(lock held);
    void connected(boost::system::error_code ec);
    void finish(lock held, result<tcp::socket> outcome);

    mutable core::optional_mutex mutex_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    tcp::resolver::results_type addresses_;
    tcp::resolver::results_type::const_iterator next_;
    boost::system::error_code last_error_;
    phase stage_ = phase::dns;
    bool canceled_ = false;
    handler done_;
};

} // namespace equinix::sts::net
