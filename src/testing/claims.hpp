// Members of JSON objects, as the mock reads them.
#pragma once

#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::testing {

inline std::optional<std::int64_t> number_in(boost::json::object const& claims, std::string_view name) {
    auto const* const value = claims.if_contains(boost::json::string_view(name));
    if (value == nullptr || !value->is_number()) return std::nullopt;
    constexpr double most = 1e15; // NumericDates may have fractions (RFC 7519 section 2)
    auto const number = value->to_number<double>();
    if (!(number >= -most && number <= most)) return std::nullopt;
    return static_cast<std::int64_t>(std::floor(number));
}

inline std::string text_in(boost::json::object const& object, std::string_view name) {
    auto const* const value = object.if_contains(boost::json::string_view(name));
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

/// `aud` is one name or a list of names (RFC 7519 section 4.1.3).
inline bool names_audience(boost::json::object const& claims, std::string_view audience) {
    auto const* const value = claims.if_contains("aud");
    if (value == nullptr) return false;
    auto const is_it = [&](boost::json::value const& v) {
        return v.is_string() && v.get_string() == audience;
    };
    if (!value->is_array()) return is_it(*value);
    return std::any_of(value->get_array().begin(), value->get_array().end(), is_it);
}

} // namespace equinix::sts::testing
