// OpenSSL's way to a socket, without SIGPIPE and with the system's error kept.
#pragma once

#include <openssl/bio.h>

namespace equinix::sts::net {

/// What the transport of one stream works on. The socket is not owned and must be non-blocking.
struct socket_state {
    int descriptor = -1;
    int error = 0; ///< the `errno` of the last failure that was not "try again"
};

/// Makes the method table; release it with `BIO_meth_free`.
BIO_METHOD* make_socket_bio_method() noexcept;

/// Makes a transport over `state`, which must outlive it.
BIO* make_socket_bio(BIO_METHOD const* method, socket_state& state) noexcept;

} // namespace equinix::sts::net
