// Reads and writes on a socket: no SIGPIPE, interruptions retried, bytes counted.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace equinix::sts::net {

/// Bytes transferred over a socket.
struct socket_traffic {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
};

/// The state of one stream's transport. The socket is not owned and must be non-blocking.
struct socket_state {
    int descriptor = -1;
    int error = 0;        ///< the `errno` of the last failure that was not "try again"
    bool drained = false; ///< the last read took all that there was, and it was not the end
    bool deaf = false;    ///< reads nothing more: the way to abort a call of OpenSSL from its callbacks
    socket_traffic traffic;
};

/// As `send` and `recv`, `errno` included.
ssize_t send_some(socket_state& state, char const* data, std::size_t size) noexcept;
ssize_t receive_some(socket_state& state, char* data, std::size_t size) noexcept;

/// Whether the socket has nothing to report: no bytes, no end and no error.
bool nothing_waits(socket_state const& state) noexcept;

/// Whether `errno` means just "try again".
bool would_block() noexcept;

} // namespace equinix::sts::net
