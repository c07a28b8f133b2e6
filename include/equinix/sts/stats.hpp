/// \file
/// The counters and current numbers of a client.
#pragma once

#include <equinix/sts/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace equinix::sts {

/// What a client knows about one address of its host, or of its proxy.
struct address_stats {
    std::string address;           ///< as in `127.0.0.1`
    std::uint64_t connections = 0; ///< TCP connections opened there
    std::uint64_t failures = 0;    ///< connections and exchanges that failed there
    bool avoided = false;          ///< something failed there recently; the others are tried first
};

/// A snapshot of a client's numbers. A plain value. Counters never decrease.
struct stats {
    // Now.
    std::size_t open = 0;      ///< connections that can carry exchanges: `idle` and `leased`
    std::size_t idle = 0;      ///< connections without an exchange
    std::size_t leased = 0;    ///< connections that carry an exchange
    std::size_t http2 = 0;     ///< those of `open` that speak HTTP/2; the others speak HTTP/1.1
    std::size_t streams = 0;   ///< exchanges in flight on connections that speak HTTP/2
    std::size_t opening = 0;   ///< connections being opened
    std::size_t waiting = 0;   ///< exchanges waiting for a connection
    std::size_t pausing = 0;   ///< exchanges waiting before another attempt
    unsigned retry_budget = 0; ///< the remaining part of `retry_options::budget`

    // Since the client was created.
    std::uint64_t succeeded = 0;       ///< exchanges that ended with a token
    std::uint64_t retries = 0;         ///< attempts after the first of an exchange
    std::uint64_t replaced = 0;        ///< dead connections replaced immediately; not counted as attempts
    std::uint64_t refused = 0;         ///< requests that the server did not process, by RFC 9113 section 8.7;
                                       ///< most are sent again immediately, not counted as attempts
    std::uint64_t drained = 0;         ///< connections on which the server no longer accepts requests: GOAWAY
    std::uint64_t reused = 0;          ///< times an exchange got an open connection, retries included
    std::uint64_t handshakes_full = 0; ///< TLS handshakes with certificates
    std::uint64_t handshakes_resumed = 0; ///< TLS handshakes that resumed a session
    std::uint64_t sessions_refused = 0;   ///< failed handshakes repeated without the session offered
    std::uint64_t bytes_sent = 0;         ///< over TCP, including TLS
    std::uint64_t bytes_received = 0;     ///< over TCP, including TLS

    /// The address of the newest connection, as in `127.0.0.1:443`. With a proxy, the proxy's address.
    std::string last_address;

    /// The addresses of the host that were found last, in their order of preference. With a proxy, the
    /// proxy's.
    std::vector<address_stats> addresses;

    /// Whether certificates are not verified; see `client_options::tls.insecure_skip_verification`.
    bool insecure = false;

    /// Returns the number of exchanges that ended with an error of this kind.
    std::uint64_t failed(error_kind kind) const noexcept {
        auto const index = static_cast<std::size_t>(kind);
        return index < errors.size() ? errors[index] : 0;
    }

    /// Returns the number of exchanges that ended with an error.
    std::uint64_t failed() const noexcept {
        std::uint64_t sum = 0;
        for (auto const count : errors)
            sum += count;
        return sum;
    }

    std::array<std::uint64_t, error_kinds + 1> errors{}; ///< by `error_kind`
};

} // namespace equinix::sts
