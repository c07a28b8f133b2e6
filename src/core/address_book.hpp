// What is known about the addresses of a host: in which order to try them. Bookkeeping only, without I/O, a
// clock or a lock.
#pragma once

#include "base/saturating.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace equinix::sts::core {

/// An IPv6 address, or an IPv4 address mapped into one (RFC 4291 section 2.5.5.2).
using address_bytes = std::array<unsigned char, 16>;

/// An address at which something has failed is avoided for a while: it is tried after the others. When all
/// are avoided, all are tried again, beginning with the one that failed first.
class address_book {
public:
    static constexpr auto avoided_for = std::chrono::seconds(30);
    static constexpr std::size_t most_entries = 64;

    struct entry {
        address_bytes address{};
        bool listed = false;           ///< one of the host's, by the last answer of the resolver
        std::uint64_t connections = 0; ///< TCP connections opened
        std::uint64_t failures = 0;
        std::optional<base::clock::time_point> failed_at{};

        bool is_avoided(base::clock::time_point now) const noexcept {
            return failed_at && now < base::after(*failed_at, avoided_for);
        }
    };

    /// The addresses of the host, in order of preference. Returns the order in which to try them. Remembers
    /// others from earlier answers, because a resolver may give different ones each time.
    std::vector<std::size_t> arrange(std::span<address_bytes const> addresses, base::clock::time_point now);

    /// A connection, or an exchange over it, has failed there. Returns whether the address was not avoided.
    bool failed(address_bytes const& address, base::clock::time_point now) noexcept;

    /// A response has arrived from there.
    void worked(address_bytes const& address) noexcept;

    /// A TCP connection was opened there.
    void connected(address_bytes const& address) noexcept;

    /// Whether the host has another address than this one of its, and that is not avoided.
    bool has_other(address_bytes const& than, base::clock::time_point now) const noexcept;

    /// How many addresses the host has.
    std::size_t listed() const noexcept;

    /// In the host's order, behind them those that are not listed.
    std::vector<entry> const& entries() const noexcept { return entries_; }

private:
    entry const* find(address_bytes const& address) const noexcept;
    entry* find(address_bytes const& address) noexcept;

    std::vector<entry> entries_;
};

} // namespace equinix::sts::core
