// A JSON Web Token in compact form, taken apart (RFC 7515 section 7.1). Nothing is verified.
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace equinix::sts::base {

/// The parts of a token, each as it is encoded.
struct jwt_parts {
    std::string_view header, payload, signature;
    std::string_view signed_text; ///< header and payload, as they stand in the token
};

/// Nothing when the text has not three parts.
std::optional<jwt_parts> split_jwt(std::string_view token) noexcept;

/// The JSON object that a header or payload encodes.
std::optional<boost::json::object> jwt_object(std::string_view encoded);

/// The time that a NumericDate stands for (RFC 7519 section 2), from 1970 to the year 2200, which a time
/// point in nanoseconds can hold. Nothing for what is not finite.
std::optional<std::chrono::sys_seconds> numeric_date(double seconds) noexcept;

} // namespace equinix::sts::base
