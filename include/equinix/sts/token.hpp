/// \file
/// The result of an exchange: the access token and its properties.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/keys.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts {

/// One instant on both clocks: the steady clock for waits, the system clock for display and for suspends.
struct time_stamp {
    std::chrono::steady_clock::time_point steady; ///< does not advance while the machine is suspended
    std::chrono::system_clock::time_point system; ///< may be set to another time
};

/// The `token_type` of a token that is not an access token (RFC 8693 section 2.2.1).
inline constexpr char no_access_token[] = "N_A";

/// A token response (RFC 6749 section 5.1, RFC 8693 section 2.2.1). A plain value. Copies share its secrets.
struct EQUINIX_STS_DECL token {
    token() = default;

    /// The token, as in `Authorization: Bearer <access_token>`; see `authorization()`. In the result of an
    /// exchange it is never empty and contains only characters that are valid in a header (`%x21-7E`).
    secret access_token;

    /// `"Bearer"`, or `"DPoP"` for a token that is bound to the key of `exchange_request::proof()` (RFC 9449
    /// section 5), or `"N_A"` for a token that is not an access token, if the request asked for one by
    /// `requested_token_type()` (RFC 8693 section 2.2.1). The comparison with the service's spelling ignores
    /// case. Other types are refused.
    std::string token_type;

    /// The type that the service returned. Empty if it returned none (allowed for `client_credentials`).
    std::string issued_token_type;

    /// The scope that the service returned, with any characters: sanitise it before you print it. If absent,
    /// the scope is the requested one (RFC 6749 section 5.1).
    std::optional<std::string> scope;

    /// The lifetime that the service returned, rounded down to whole seconds. Never negative, and at most 100
    /// years. Zero means that the token can be used once. Absent means that the lifetime is unknown, not that
    /// it is unlimited.
    std::optional<std::chrono::seconds> expires_in;

    /// When the request was sent. The lifetime is counted from here, to be on the safe side.
    time_stamp requested{};

    /// When the response was complete.
    time_stamp received{};

    /// `requested + expires_in`. Absent if the lifetime is unknown.
    std::optional<time_stamp> expires;

    /// Returns the value of the `Authorization` header for a request that presents the token (RFC 6750
    /// section 2.1): `Bearer <access_token>`, or `DPoP <access_token>` (RFC 9449 section 7.1), which also
    /// needs the header `DPoP` of `proof()`. The value is stored with the token, so this only increments a
    /// reference count. (If the program has set `access_token` itself, the value is created on each call,
    /// which may throw `std::bad_alloc`.)
    ///
    /// \throws sts::error of kind `config` for a token of type `N_A`, which only another token endpoint
    ///         accepts.
    secret authorization() const;

    /// Makes the value of the header `DPoP` for one request that presents this token (RFC 9449 section 7).
    /// Each request needs a new one. Blocks for as long as the key takes to sign: see
    /// `signing_key::signs_inline()`.
    ///
    /// \param method the request's method, as in `"GET"`.
    /// \param url    the request's absolute URL; query and fragment are ignored.
    /// \param nonce  the nonce that the API's last answer brought, if any: see `dpop_nonce()`.
    /// \throws sts::error of kind `config` if the token is not bound to a key or an argument cannot be sent;
    ///         of kind `key` if the key cannot sign. std::bad_alloc.
    std::string proof(std::string_view method, std::string_view url, std::string_view nonce = {}) const;

    /// Returns the key that the token is bound to, if any.
    std::optional<signing_key> const& proof_key() const noexcept { return proof_key_; }

    /// Binds the token to a key, and sets `token_type` to `"DPoP"`. For code that creates tokens. Call it
    /// before `set_access_token`.
    ///
    /// \throws std::bad_alloc.
    void bind(signing_key key);

    /// Sets `access_token`. For code that creates tokens. Set `token_type` first.
    ///
    /// \throws std::bad_alloc.
    void set_access_token(std::string_view text);

private:
    secret authorization_; // `access_token` is the end of it
    std::optional<signing_key> proof_key_;
};

} // namespace equinix::sts
