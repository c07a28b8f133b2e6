#include "base/jwt_peek.hpp"

#include "base/base64.hpp"
#include "base/json_object.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace equinix::sts::base {
namespace {

using std::chrono::system_clock;

struct times_claims : json_targets {
    json_member* find(std::string_view name, bool&) {
        auto* const target = name == "exp" ? &expires : name == "iat" ? &issued : nullptr;
        if (target != nullptr) *target = json_member(); // the last of a name counts
        return target;
    }

    json_member issued, expires;
};

std::optional<system_clock::time_point> time_of(json_member const& claim) {
    constexpr double latest = 7258118400.0; // the year 2200: within what a time point in nanoseconds can hold
    if (claim.is != json_member::type::number || !std::isfinite(claim.number)) return std::nullopt;
    // Clamped before the cast: a double beyond the range of an integer has no defined value there.
    return system_clock::time_point(
        std::chrono::seconds(static_cast<std::int64_t>(std::clamp(claim.number, 0.0, latest))));
}

} // namespace

jwt_times peek_jwt(std::string_view token) {
    auto const first = token.find('.');
    auto const second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return {};
    auto const payload = base64url_decode(token.substr(first + 1, second - first - 1));
    if (!payload) return {};
    times_claims claims;
    if (!read_object(view(*payload), claims)) return {};
    return {time_of(claims.issued), time_of(claims.expires)};
}

} // namespace equinix::sts::base
