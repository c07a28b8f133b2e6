// Whom the TLS connections of a client trust. Every function throws `error` of kind `config` that names the
// option, or the variable, and the file.
#pragma once

#include "base/openssl_ptr.hpp"
#include "net/tls_settings.hpp"

#include <string>

namespace equinix::sts::net {

/// Has the context trust the authorities of the settings; at least one of the three is given.
void load_authorities(SSL_CTX* context, tls_settings const& from);

/// Has the context trust the system's authorities, or those that OpenSSL's variables `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` name in their place. Returns what is wrong with the one of these that leads to no
/// authority, where the other does; else an empty text.
std::string load_system_authorities(SSL_CTX* context, tls_settings const& from);

} // namespace equinix::sts::net
