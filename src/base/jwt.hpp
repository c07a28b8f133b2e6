// Splitting a JSON Web Token in compact form (RFC 7515 section 7.1). Nothing is verified.
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace equinix::sts::base {

/// The parts of a token in their encoded form.
struct jwt_parts {
    std::string_view header, payload, signature;
    std::string_view signed_text; ///< header and payload, as they stand in the token
};

/// Returns nothing unless the text has three parts.
std::optional<jwt_parts> split_jwt(std::string_view token) noexcept;

/// The JSON object that a header or payload encodes.
std::optional<boost::json::object> jwt_object(std::string_view encoded);

/// The time of a NumericDate (RFC 7519 section 2), limited to 1970 to 2200, which a time point in nanoseconds
/// can represent. Nothing when it is not finite.
std::optional<std::chrono::sys_seconds> numeric_date(double seconds) noexcept;

} // namespace equinix::sts::base
