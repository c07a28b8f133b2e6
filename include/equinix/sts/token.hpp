/// \file
/// What an exchange gives: the access token and what the service said of it.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts {

/// One instant on both clocks: the steady one for waiting, the system one for people and for suspends.
struct time_stamp {
    std::chrono::steady_clock::time_point steady; ///< does not run while the machine is suspended
    std::chrono::system_clock::time_point system; ///< may be set
};

/// The `token_type` of a token that is no access token (RFC 8693 section 2.2.1).
inline constexpr char no_access_token[] = "N_A";

/// A token response (RFC 6749 section 5.1, RFC 8693 section 2.2.1). A plain value; a copy shares its secrets.
struct EQUINIX_STS_DECL token {
    token() = default;

    /// Goes into `Authorization: Bearer <access_token>`, see `authorization()`. Never empty in the result of
    /// an exchange, and only of characters that may stand in a header (`%x21-7E`).
    secret access_token;

    /// `"Bearer"`; or `"N_A"` of a token that is no access token, where the request asked for such a one by
    /// `requested_token_type()` (RFC 8693 section 2.2.1). The service's spelling is compared without regard
    /// to case; another type is refused.
    std::string token_type;

    /// As the service gave it; empty when it gave none (allowed for `client_credentials`).
    std::string issued_token_type;

    /// As the service gave it, whatever characters that has: make it safe before you print it. Absent means,
    /// by RFC 6749 section 5.1, what was asked for.
    std::optional<std::string> scope;

    /// The lifetime that the service named, a fraction cut off, never negative and at most 100 years. Zero
    /// means usable once. Absent means unknown, which is not "for ever".
    std::optional<std::chrono::seconds> expires_in;

    /// When the request was sent: the lifetime is counted from here, on the safe side.
    time_stamp requested{};

    /// When the answer was there.
    time_stamp received{};

    /// `requested + expires_in`; absent when the lifetime is unknown.
    std::optional<time_stamp> expires;

    /// The value of the header `Authorization` for a request that shows the token (RFC 6750 section 2.1):
    /// `Bearer <access_token>`. Made with the token, so this only counts a reference. (Of a token whose
    /// `access_token` the program has set itself, it is made anew, and may throw `std::bad_alloc`.)
    ///
    /// \throws sts::error of kind `config` for a token of type `N_A`, which is for another token endpoint
    ///         alone.
    secret authorization() const;

    /// For code that makes tokens: sets `access_token`, after `token_type`.
    void set_access_token(std::string_view text);

private:
    secret authorization_; // `access_token` is the end of it
};

} // namespace equinix::sts
