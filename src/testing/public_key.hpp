// Public keys from JSON Web Keys (RFC 7517), to verify signatures with.
#pragma once

#include "testing/jwt.hpp"
#include "testing/openssl.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace equinix::sts::testing {

/// Null for a JWK that is not a public key of a kind that this library signs with.
owned<EVP_PKEY> public_key(boost::json::object const& jwk);

/// Whether the token is signed by this key with the algorithm that its header names.
bool is_signed_by(boost::json::object const& jwk, parsed_jwt const& token);

} // namespace equinix::sts::testing
