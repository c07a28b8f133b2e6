/// \file
/// The token that proves who asks (RFC 8693 section 2.1), here an OIDC ID token.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>

#include <string>
#include <string_view>

namespace equinix::sts {

/// Token type identifiers: those of RFC 8693 section 3, and of what is built on it.
namespace token_types {
/// An access token (RFC 6749), whatever its form.
inline constexpr char access_token[] = "urn:ietf:params:oauth:token-type:access_token";
/// A refresh token (RFC 6749).
inline constexpr char refresh_token[] = "urn:ietf:params:oauth:token-type:refresh_token";
/// An OpenID Connect ID token: what the service expects.
inline constexpr char id_token[] = "urn:ietf:params:oauth:token-type:id_token";
/// A SAML 1.1 assertion.
inline constexpr char saml1[] = "urn:ietf:params:oauth:token-type:saml1";
/// A SAML 2.0 assertion.
inline constexpr char saml2[] = "urn:ietf:params:oauth:token-type:saml2";
/// A JSON Web Token (RFC 7519) of whatever meaning.
inline constexpr char jwt[] = "urn:ietf:params:oauth:token-type:jwt";
/// An identity assertion with which one service vouches for a user to another (Identity Assertion JWT
/// Authorization Grant): asked for by an exchange at the first, shown by `exchange_request::jwt_bearer` to
/// the second.
inline constexpr char id_jag[] = "urn:ietf:params:oauth:token-type:id-jag";
/// A transaction token (OAuth Transaction Tokens), good within one trust domain.
inline constexpr char txn_token[] = "urn:ietf:params:oauth:token-type:txn_token";
} // namespace token_types

/// A subject token and its type, checked when made. To this client the token is opaque: any visible ASCII
/// text is sent as it is, whether or not it is a JWT or has expired.
class EQUINIX_STS_DECL subject_token {
public:
    /// Throws `sts::error` of kind `config` when the token is empty, longer than 64 KiB or has a character
    /// outside `%x21-7E` (a blank or a line end at either side is a common slip), or the type is empty.
    explicit subject_token(secret token, std::string type = token_types::id_token);

    /// The same of a text, which is copied; what the caller holds stays the caller's to wipe.
    explicit subject_token(std::string_view token, std::string type = token_types::id_token);

    /// The same.
    explicit subject_token(char const* token, std::string type = token_types::id_token);

    /// The token, as it is sent.
    secret const& token() const noexcept { return token_; }

    /// Its type, as it is sent: a URI.
    std::string const& type() const noexcept { return type_; }

private:
    secret token_;
    std::string type_;
};

} // namespace equinix::sts
