// Reads a JWT's times without judging it (RFC 7519 section 4.1).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace equinix::sts::base {

/// What the token says of itself. Unverified: use it for scheduling, never for trust.
struct jwt_times {
    std::optional<std::chrono::system_clock::time_point> issued;  ///< `iat`
    std::optional<std::chrono::system_clock::time_point> expires; ///< `exp`

    /// Whether the token has an expiry and that has passed.
    bool is_over(std::chrono::system_clock::time_point now) const noexcept {
        return expires && *expires <= now;
    }
};

/// Empty when the text is not a JWT, or has no such claims. Throws `std::bad_alloc`.
jwt_times peek_jwt(std::string_view token);

} // namespace equinix::sts::base
