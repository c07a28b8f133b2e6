/// \file
/// Demonstrating proof of possession (DPoP, RFC 9449): what the answers of an API say about nonces.
///
/// `exchange_request::proof()` requests a token that is bound to a key, and `token::proof()` makes the proof
/// for each call that presents it.
#pragma once

#include <equinix/sts/decl.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts {

/// Whether a token must be bound to the key of the request's proof.
enum class dpop_binding {
    preferred, ///< the service decides: it may return a `Bearer` token (RFC 9449 section 5)
    required   ///< an exchange that returns a `Bearer` token fails
};

/// Reads the header `DPoP-Nonce` of an API's answer (RFC 9449 section 8.1).
///
/// \param header the header's value, or an empty text if the answer has none.
/// \return the nonce that the next proof for that API must contain, or nothing if there is none or it is not
///         well-formed. Keep one for each origin, until an answer brings another.
/// \throws std::bad_alloc.
EQUINIX_STS_DECL std::optional<std::string> dpop_nonce(std::string_view header);

/// Returns whether an API has refused a call only because its proof had no nonce, or an old one (RFC 9449
/// section 9): the status is 401 or 400, and a `DPoP` challenge has the error `use_dpop_nonce`. Repeat the
/// call, once, with a proof that contains the nonce of this answer.
///
/// \param status           the answer's status.
/// \param www_authenticate the header `WWW-Authenticate`; if there are several, one per line.
/// \throws std::bad_alloc.
EQUINIX_STS_DECL bool wants_dpop_nonce(unsigned status, std::string_view www_authenticate);

} // namespace equinix::sts
