// Which authorities the TLS connections of a client trust. Every function throws `error` of kind `config`
// that names the option or the variable, and the file.
#pragma once

#include "base/openssl_ptr.hpp"
#include "net/tls_settings.hpp"

#include <string>

namespace equinix::sts::net {

/// Makes the context trust the authorities of the settings; at least one of the three is given.
void load_authorities(SSL_CTX* context, tls_settings const& from);

/// Makes the context trust the system's authorities, or those that OpenSSL's variables `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` name instead. If one of the two leads to no authority while the other does, returns what is
/// wrong with it; otherwise an empty text.
std::string load_system_authorities(SSL_CTX* context, tls_settings const& from);

} // namespace equinix::sts::net
