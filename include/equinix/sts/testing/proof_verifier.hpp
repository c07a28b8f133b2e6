/// \file
/// Verifies DPoP proofs (RFC 9449 section 4.3), for tests of code that calls an API with a bound token. Link
/// `equinix::sts_testing`. Not for production.
#pragma once

#include <equinix/sts/abi.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::testing {

/// Which nonces a verifier demands (RFC 9449 sections 8 and 9).
enum class nonce_rule {
    none,    ///< no nonce
    lasting, ///< one nonce, until `proof_verifier::renew_nonce()`
    each     ///< each answer brings a nonce, which one proof may contain
};

/// What a verifier accepts. Set members on a named object.
struct proof_rules {
    proof_rules() {} // NOLINT(modernize-use-equals-default): must not be an aggregate

    /// The nonces. Default: none are demanded.
    nonce_rule nonces = nonce_rule::none;

    /// The algorithms. Default: all that this library signs with.
    std::vector<std::string> algorithms = {"ES256", "ES384", "ES512", "EdDSA", "RS256", "PS256"};

    /// How far `iat` may be from the verifier's clock. Default 60 s. Within this time no `jti` may be used
    /// twice.
    std::chrono::seconds window{60};
};

/// The verdict on a proof.
struct proof_verdict {
    std::string refusal;      ///< why the proof is refused; empty if it is accepted
    bool wants_nonce = false; ///< it is refused only because it has no nonce, or an old one
    std::string nonce;        ///< the value of the answer's `DPoP-Nonce`; empty: no such header
    std::string thumbprint;   ///< of the key that has signed it (RFC 7638); empty if it is refused
};

/// Verifies proofs as a token endpoint or an API does.
///
/// Functions throw only std::bad_alloc.
///
/// Thread-safety: any thread may call any function.
class proof_verifier {
public:
    /// Creates a verifier with these rules.
    ///
    /// \throws sts::error if no random numbers are available. std::bad_alloc.
    explicit proof_verifier(proof_rules rules = proof_rules());

    /// As above, with the defaults of the other rules.
    explicit proof_verifier(nonce_rule nonces);

    proof_verifier(proof_verifier const&) = delete;
    proof_verifier& operator=(proof_verifier const&) = delete;
    ~proof_verifier();

    /// Verifies the proof of one request: its form, its signature, `htm`, `htu`, `iat`, the nonce, and that
    /// its `jti` is new.
    ///
    /// \param method       the request's method.
    /// \param url          the request's absolute URL.
    /// \param dpop         the value of its header `DPoP`; empty if there is none.
    /// \param access_token the token that the request presents, or empty at a token endpoint. The proof's
    ///                     `ath` must be its hash, and if it is a JWT, its `cnf` must name the proof's key.
    ///                     The token itself is not verified.
    proof_verdict check(std::string_view method, std::string_view url, std::string_view dpop,
                        std::string_view access_token = {});

    /// Demands another nonce from now on.
    void renew_nonce();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace equinix::sts::testing
