#include "base/jwt.hpp"

#include "base/base64.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace equinix::sts::base {

std::optional<jwt_parts> split_jwt(std::string_view token) noexcept {
    auto const first = token.find('.');
    auto const second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return std::nullopt;
    return jwt_parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                     token.substr(second + 1), token.substr(0, second)};
}

std::optional<boost::json::object> jwt_object(std::string_view encoded) {
    auto const text = base64url_decode(encoded);
    if (!text) return std::nullopt;
    boost::system::error_code ec;
    auto value = boost::json::parse(view(*text), ec);
    if (ec || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::optional<std::chrono::sys_seconds> numeric_date(double seconds) noexcept {
    constexpr double latest = 7258118400.0; // the year 2200
    if (!std::isfinite(seconds)) return std::nullopt;
    // Clamped before the cast: a double beyond the range of an integer has no defined value there.
    return std::chrono::sys_seconds(
        std::chrono::seconds(static_cast<std::int64_t>(std::clamp(seconds, 0.0, latest))));
}

} // namespace equinix::sts::base
