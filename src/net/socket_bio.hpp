// OpenSSL's way to a socket, without SIGPIPE and with the system's error kept.
#pragma once

#include <openssl/bio.h>

#include <cstdint>

namespace equinix::sts::net {

/// Bytes that went over a socket.
struct socket_traffic {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
};

/// What the transport of one stream works on. The socket is not owned and must be non-blocking.
struct socket_state {
    int descriptor = -1;
    int error = 0;     ///< the `errno` of the last failure that was not "try again"
    bool deaf = false; ///< reads nothing more: the way to end a call of OpenSSL's from its callbacks
    socket_traffic traffic;
};

/// Makes the method table; release it with `BIO_meth_free`.
BIO_METHOD* make_socket_bio_method() noexcept;

/// Makes a transport over `state`, which must outlive it.
BIO* make_socket_bio(BIO_METHOD const* method, socket_state& state) noexcept;

} // namespace equinix::sts::net
