// The address book of a host, shared by a pool and its connectors.
#pragma once

#include "base/lock.hpp"
#include "core/address_book.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace equinix::sts::net {

inline core::address_bytes bytes_of(boost::asio::ip::address const& address) {
    namespace ip = boost::asio::ip;
    return address.is_v6() ? address.to_v6().to_bytes()
                           : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

inline boost::asio::ip::address address_of(core::address_bytes const& bytes) {
    namespace ip = boost::asio::ip;
    ip::address_v6 const v6(bytes);
    if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
    return v6;
}

/// As in `127.0.0.1:443` or `[::1]:443`.
inline std::string text_of(boost::asio::ip::tcp::endpoint const& endpoint) {
    std::ostringstream text;
    text << endpoint;
    return text.str();
}

/// Thread-safe if constructed so. See `core::address_book`.
class host_addresses {
public:
    explicit host_addresses(bool thread_safe) : mutex_(thread_safe) {}

    std::vector<std::size_t> arrange(std::span<core::address_bytes const> addresses) {
        base::mutex_lock const lock(mutex_);
        return book_.arrange(addresses, base::clock::now());
    }
    bool failed(core::address_bytes const& address) noexcept {
        base::mutex_lock const lock(mutex_);
        return book_.failed(address, base::clock::now());
    }
    void connected(core::address_bytes const& address) noexcept {
        base::mutex_lock const lock(mutex_);
        book_.connected(address);
    }
    std::vector<core::address_book::entry> entries() const {
        base::mutex_lock const lock(mutex_);
        return book_.entries();
    }
    void worked(core::address_bytes const& address) noexcept {
        base::mutex_lock const lock(mutex_);
        book_.worked(address);
    }
    std::size_t listed() const noexcept {
        base::mutex_lock const lock(mutex_);
        return book_.listed();
    }
    bool has_other(core::address_bytes const& than) const noexcept {
        base::mutex_lock const lock(mutex_);
        return book_.has_other(than, base::clock::now());
    }

private:
    mutable base::mutex mutex_;
    core::address_book book_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::net
