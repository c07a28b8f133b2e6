// A look at a JWT's times, without any judgement of it (RFC 7519 section 4.1).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace equinix::sts::base {

/// What the token says of itself. Unverified: good for scheduling, never for trust.
struct jwt_times {
    std::optional<std::chrono::system_clock::time_point> issued;  ///< `iat`
    std::optional<std::chrono::system_clock::time_point> expires; ///< `exp`

    /// Whether it has an end, and that has come.
    bool is_over(std::chrono::system_clock::time_point now) const noexcept {
        return expires && *expires <= now;
    }
};

/// Empty for what is no JWT, or has no such claims. Throws `std::bad_alloc`.
jwt_times peek_jwt(std::string_view token);

} // namespace equinix::sts::base
