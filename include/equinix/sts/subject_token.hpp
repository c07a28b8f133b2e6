/// \file
/// The token that identifies the subject of a request (RFC 8693 section 2.1), here an OIDC ID token.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>

#include <string>
#include <string_view>

namespace equinix::sts {

/// Token type identifiers of RFC 8693 section 3 and of specifications that build on it.
namespace token_types {
/// An access token (RFC 6749) of any format.
inline constexpr char access_token[] = "urn:ietf:params:oauth:token-type:access_token";
/// A refresh token (RFC 6749).
inline constexpr char refresh_token[] = "urn:ietf:params:oauth:token-type:refresh_token";
/// An OpenID Connect ID token, which the service expects.
inline constexpr char id_token[] = "urn:ietf:params:oauth:token-type:id_token";
/// A SAML 1.1 assertion.
inline constexpr char saml1[] = "urn:ietf:params:oauth:token-type:saml1";
/// A SAML 2.0 assertion.
inline constexpr char saml2[] = "urn:ietf:params:oauth:token-type:saml2";
/// A JSON Web Token (RFC 7519) of any meaning.
inline constexpr char jwt[] = "urn:ietf:params:oauth:token-type:jwt";
/// An identity assertion with which one service vouches for a user to another (Identity Assertion JWT
/// Authorization Grant). Request it in an exchange at the first service, and present it to the second with
/// `exchange_request::jwt_bearer`.
inline constexpr char id_jag[] = "urn:ietf:params:oauth:token-type:id-jag";
/// A transaction token (OAuth Transaction Tokens), valid within one trust domain.
inline constexpr char txn_token[] = "urn:ietf:params:oauth:token-type:txn_token";
} // namespace token_types

/// A subject token and its type, checked on construction. The token is opaque to this class: any visible
/// ASCII text is accepted and sent as it is, whether or not it is a JWT or has expired. (A `token_source` or
/// `token_cache` checks its `exp` before it sends it.)
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class EQUINIX_STS_DECL subject_token {
public:
    /// Creates a subject token from a secret.
    ///
    /// \throws sts::error of kind `config` if the token is empty, is longer than 64 KiB or contains a
    ///         character outside `%x21-7E` (often a space or a line end at either side), or if the type is
    ///         empty or contains such a character.
    explicit subject_token(secret token, std::string type = token_types::id_token);

    /// Creates a subject token from a text, which is copied. The caller remains responsible for wiping its
    /// own text. Throws as the constructor from a secret does.
    explicit subject_token(std::string_view token, std::string type = token_types::id_token);

    /// Creates a subject token from a text, which is copied. Throws as the constructor from a secret does.
    explicit subject_token(char const* token, std::string type = token_types::id_token);

    /// Returns the token, as it is sent.
    secret const& token() const noexcept { return token_; }

    /// Returns the type, as it is sent: a URI.
    std::string const& type() const noexcept { return type_; }

private:
    secret token_;
    std::string type_;
};

} // namespace equinix::sts
