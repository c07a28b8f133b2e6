// Who we are to a server that asks.
#pragma once

#include "base/openssl_ptr.hpp"
#include "net/tls_settings.hpp"

namespace equinix::sts::net {

/// Has the context show the client certificate of the settings, if there is one. Throws `error` of kind
/// `config` that names the option and the file, never what is in it, and what the passphrase's callback
/// throws.
void load_client_certificate(SSL_CTX* context, tls_settings const& from);

} // namespace equinix::sts::net
