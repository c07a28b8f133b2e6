// Public keys as JSON Web Keys (RFC 7517).
#pragma once

#include <openssl/evp.h>

#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::values {

/// The public key with the required members alone, in lexicographic order and without white space: the text
/// of which RFC 7638 makes a thumbprint. Nothing for a key of another type or curve. Throws `error` of kind
/// `config` if OpenSSL, or the key's provider, does not give the public key.
std::optional<std::string> public_jwk(EVP_PKEY* key);

/// SHA-256 in base64url, as thumbprints (RFC 7638) and the claim `ath` (RFC 9449 section 4.2) have it.
std::string sha256_base64url(std::string_view text);

} // namespace equinix::sts::values
