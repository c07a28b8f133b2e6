// Which authorities the TLS connections of a client trust. Every function throws `error` of kind `config`
// that names the option or the variable, and the file.
#pragma once

#include "base/openssl_ptr.hpp"

#include <equinix/sts/tls_options.hpp>

#include <chrono>
#include <string>

namespace equinix::sts::net {

/// Makes the context trust the authorities of the options; at least one of the three is given. Files that are
/// pipes or devices are read for `read_timeout` at most, here and below.
void load_authorities(SSL_CTX* context, tls_options const& from, std::chrono::nanoseconds read_timeout);

/// Makes the context trust the system's authorities, or those that OpenSSL's variables `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` name instead. If one of the two leads to no authority while the other does, returns what is
/// wrong with it; otherwise an empty text.
std::string load_system_authorities(SSL_CTX* context, std::chrono::nanoseconds read_timeout);

} // namespace equinix::sts::net
