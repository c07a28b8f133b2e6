// Private keys from their encodings, without the copies that OpenSSL's decoders free without overwriting
// them.
#pragma once

#include "base/openssl_ptr.hpp"

#include <string_view>

namespace equinix::sts::base {

// Each returns null for what it does not take: another kind of key, a part that is missing, damage. OpenSSL
// decides about those.

/// Of an `RSAPrivateKey` with two primes (RFC 8017 appendix A.1.2).
openssl_ptr<EVP_PKEY> key_of_pkcs1(std::string_view der);

/// Of an `ECPrivateKey` with its public key on a named curve (RFC 5915 section 3), which `curve` names where
/// the key does not.
openssl_ptr<EVP_PKEY> key_of_sec1(std::string_view der, char const* curve = nullptr);

/// Of a `PrivateKeyInfo` (RFC 5208 section 5): RSA, EC, Ed25519, Ed448.
openssl_ptr<EVP_PKEY> key_of_pkcs8(PKCS8_PRIV_KEY_INFO const& info);

} // namespace equinix::sts::base
