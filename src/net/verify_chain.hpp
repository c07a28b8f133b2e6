// The verification of a server's certificate chain.
#pragma once

#include <openssl/x509_vfy.h>

namespace equinix::sts::net {

/// OpenSSL's own verification, and what it omits of RFC 5280 section 6. For
/// `SSL_CTX_set_cert_verify_callback`.
int verify_chain(X509_STORE_CTX* verification, void*) noexcept;

} // namespace equinix::sts::net
