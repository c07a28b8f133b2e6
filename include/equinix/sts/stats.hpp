/// \file
/// What a client has done and is doing, in numbers.
#pragma once

#include <equinix/sts/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace equinix::sts {

/// A snapshot of a client. A plain value; the counters only grow.
struct stats {
    // Now.
    std::size_t open = 0;      ///< connections that can carry exchanges: `idle` and `leased`
    std::size_t idle = 0;      ///< connections that wait for an exchange
    std::size_t leased = 0;    ///< connections that serve one
    std::size_t opening = 0;   ///< connections being opened
    std::size_t waiting = 0;   ///< exchanges that wait for a connection
    std::size_t pausing = 0;   ///< exchanges that wait before another attempt
    unsigned retry_budget = 0; ///< what is left of `retry_options::budget`

    // Since the client was made.
    std::uint64_t succeeded = 0; ///< exchanges that ended with a token
    std::uint64_t retries = 0;   ///< attempts behind the first of an exchange
    std::uint64_t replaced = 0;  ///< dead connections that were replaced at once, which is no attempt
    std::uint64_t reused =
        0; ///< how often a connection was handed out that was open already, retries included
    std::uint64_t handshakes_full = 0;    ///< TLS handshakes with certificates
    std::uint64_t handshakes_resumed = 0; ///< TLS handshakes that resumed a session
    std::uint64_t bytes_sent = 0;         ///< over TCP, TLS included
    std::uint64_t bytes_received = 0;     ///< likewise

    /// The address that the newest connection was opened to, as in `127.0.0.1:443`; the proxy's, if any.
    std::string last_address;

    /// Whether certificates are not verified, see `client_options::tls.insecure_skip_verification`.
    bool insecure = false;

    /// How many exchanges ended with an error of this kind.
    std::uint64_t failed(error_kind kind) const noexcept {
        auto const index = static_cast<std::size_t>(kind);
        return index < errors.size() ? errors[index] : 0;
    }

    /// How many exchanges ended with an error.
    std::uint64_t failed() const noexcept {
        std::uint64_t sum = 0;
        for (auto const count : errors)
            sum += count;
        return sum;
    }

    std::array<std::uint64_t, error_kinds + 1> errors{}; ///< by `error_kind`
};

} // namespace equinix::sts
