// Signing keys, generated when they are first needed.
#pragma once

#include "testing/openssl.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::testing {

/// A key pair with a name. May be used from any thread once constructed.
class signing_key {
public:
    signing_key(signature_algorithm algorithm, std::string id);

    signature_algorithm algorithm() const noexcept { return algorithm_; }
    std::string const& id() const noexcept { return id_; }
    EVP_PKEY* native() const noexcept { return key_.get(); }

    /// A signature in the form of JWS (RFC 7518 section 3): for ES256, the concatenation of the two numbers.
    std::string sign(std::string_view data) const;
    bool verify(std::string_view data, std::string_view signature) const;

private:
    signature_algorithm algorithm_;
    std::string id_;
    owned<EVP_PKEY> key_;
};

} // namespace equinix::sts::testing
