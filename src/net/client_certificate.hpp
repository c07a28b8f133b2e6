// The certificate that a client presents to a server that requests one.
#pragma once

#include "base/openssl_ptr.hpp"

#include <equinix/sts/tls_options.hpp>

#include <chrono>

namespace equinix::sts::net {

/// Makes the context present the client certificate of the options, if there is one. Files that are pipes or
/// devices are read for `read_timeout` at most. Throws `error` of kind
/// `config` that names the option and the file, never the file's content, and rethrows what the passphrase
/// callback throws.
void load_client_certificate(SSL_CTX* context, tls_options const& from,
                             std::chrono::nanoseconds read_timeout);

} // namespace equinix::sts::net
