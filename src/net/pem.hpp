// Reading certificates and keys into a TLS context. Every function throws `error` of kind `config` that names
// the option and the file, never what is in it.
#pragma once

#include "net/openssl_ptr.hpp"
#include "net/tls_settings.hpp"

namespace equinix::sts::net {

/// Has the context trust the authorities of the settings; at least one of the three is given.
void load_authorities(SSL_CTX* context, tls_settings const& from);

/// Has the context show the client certificate of the settings, if there is one.
void load_client_certificate(SSL_CTX* context, tls_settings const& from);

} // namespace equinix::sts::net
