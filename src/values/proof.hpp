// What is signed: DPoP proofs (RFC 9449 section 4.2) and client assertions (RFC 7523 section 3).
#pragma once

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/keys.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::values {

/// The claim `htu`: the URL without query and fragment, normalised (RFC 3986 section 6.2). Nothing unless it
/// is an absolute `https` or `http` URL.
std::optional<std::string> proof_target(std::string_view url);

/// The header of each proof by this key, in base64url.
std::string proof_header(signing_algorithm algorithm, std::string_view public_jwk);

/// What a proof says besides the time and its own identifier.
struct proof_claims {
    std::string_view method;
    std::string_view target;       ///< by `proof_target`
    std::string_view nonce;        ///< may be empty
    std::string_view access_token; ///< that it goes with; empty in a request for one
};

/// Throws what `signing_key::sign` does.
std::string make_proof(signing_key const& key, proof_claims const& claims,
                       std::chrono::system_clock::time_point now);

/// `audience` is used unless the client's own options name one. Throws what `signing_key::sign` does.
std::string make_assertion(client_authentication const& client, std::string_view audience,
                           std::chrono::system_clock::time_point now);

} // namespace equinix::sts::values
