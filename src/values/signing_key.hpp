// What a `signing_key` holds.
#pragma once

#include "values/jws.hpp"

#include <equinix/sts/keys.hpp>

#include <optional>
#include <string>

namespace equinix::sts {

struct signing_key::state {
    values::jws_signer signer;
    signing_algorithm algorithm = signing_algorithm::es256;
    bool signs_inline = true;
    std::string public_jwk;
    std::string thumbprint;
    std::string proof_header; ///< the same for each proof, encoded
};

struct signing_key_access {
    /// Checks the key, and tries it. `name` begins each message.
    static signing_key adopt(base::openssl_ptr<EVP_PKEY> key, std::optional<signing_algorithm> wanted,
                             std::string const& name);

    static std::string const& proof_header(signing_key const& key) noexcept {
        return key.state_->proof_header;
    }
    static EVP_PKEY* native(signing_key const& key) noexcept { return key.state_->signer.key(); }
};

} // namespace equinix::sts
