// Signatures in the form of JWS (RFC 7515, RFC 7518 section 3).
#pragma once

#include <equinix/sts/keys.hpp>

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace equinix::sts::values {

/// Signs in the provider that the key came from. Throws `error` of kind `key` when that fails.
std::string jws_sign(EVP_PKEY* key, signing_algorithm how, std::string_view text);

/// Whether the signature is right. Throws `std::bad_alloc` at most.
bool jws_verify(EVP_PKEY* key, signing_algorithm how, std::string_view text, std::string_view signature);

} // namespace equinix::sts::values
