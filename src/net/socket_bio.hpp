// OpenSSL's way to a socket, without SIGPIPE and with the system's error kept.
#pragma once

#include "net/socket_io.hpp"

#include <openssl/bio.h>

namespace equinix::sts::net {

/// Makes the method table; release it with `BIO_meth_free`.
BIO_METHOD* make_socket_bio_method() noexcept;

/// Makes a transport over `state`, which must outlive it.
BIO* make_socket_bio(BIO_METHOD const* method, socket_state& state) noexcept;

} // namespace equinix::sts::net
