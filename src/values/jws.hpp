// Signatures in the form of JWS (RFC 7515, RFC 7518 section 3).
#pragma once

#include "base/openssl_ptr.hpp"

#include <equinix/sts/keys.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::values {

/// Whether the private part of a key is in this process, in a provider of OpenSSL itself.
bool is_built_in(EVP_PKEY const* key) noexcept;

/// Signs with one key, in the provider that the key came from. Any number of threads may share it.
class jws_signer {
public:
    jws_signer() = default;
    /// Throws `error` of kind `key` if the key cannot sign in this way.
    jws_signer(base::openssl_ptr<EVP_PKEY> key, signing_algorithm how);

    /// As above. Not for one that is made without a key.
    std::string sign(std::string_view text) const;

    EVP_PKEY* key() const noexcept { return key_.get(); }

private:
    base::openssl_ptr<EVP_PKEY> key_;
    signing_algorithm how_ = signing_algorithm::es256;
    /// What each signature begins with: a copy costs less than to begin anew. Null where a provider may be
    /// unable to copy it.
    base::openssl_ptr<EVP_MD_CTX> begun_;
};

/// Whether the signature is right. Throws `std::bad_alloc` at most.
bool jws_verify(EVP_PKEY* key, signing_algorithm how, std::string_view text, std::string_view signature);

} // namespace equinix::sts::values
