// What an answer says about the nonce of DPoP proofs (RFC 9449 sections 8 and 9).
#pragma once

#include "core/answer.hpp"

#include <string_view>

namespace equinix::sts::core {

struct nonce_reading {
    std::string_view nonce;  ///< for the next proof; empty if the answer brings none
    bool ill_formed = false; ///< there is one that is no nonce, or there are two
    bool is_wanted = false;  ///< the request was refused for want of it
};

/// `oauth_error` is that of the answer's body. `sent` is the nonce of the refused proof: a service that asks
/// for the same one again does not want a nonce.
nonce_reading read_nonce(answer const& from, std::string_view oauth_error, std::string_view sent);

} // namespace equinix::sts::core
