// The certificate that a client presents to a server that requests one.
#pragma once

#include "base/openssl_ptr.hpp"
#include "net/tls_settings.hpp"

namespace equinix::sts::net {

/// Makes the context present the client certificate of the settings, if there is one. Throws `error` of kind
/// `config` that names the option and the file, never the file's content, and rethrows what the passphrase
/// callback throws.
void load_client_certificate(SSL_CTX* context, tls_settings const& from);

} // namespace equinix::sts::net
