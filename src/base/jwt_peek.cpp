#include "base/jwt_peek.hpp"

#include "base/base64.hpp"
#include "base/json_object.hpp"
#include "base/jwt.hpp"

#include <cstddef>

namespace equinix::sts::base {
namespace {

struct times_claims : json_targets {
    json_member* find(std::string_view name, std::size_t, bool&) {
        auto* const target = name == "exp" ? &expires : name == "iat" ? &issued : nullptr;
        if (target != nullptr) *target = json_member(); // the last member of a name counts
        return target;
    }

    json_member issued, expires;
};

std::optional<std::chrono::system_clock::time_point> time_of(json_member const& claim) {
    if (claim.is != json_member::type::number) return std::nullopt;
    return numeric_date(claim.number);
}

} // namespace

jwt_times peek_jwt(std::string_view token) {
    auto const parts = split_jwt(token);
    auto const payload = parts ? base64url_decode(parts->payload) : std::nullopt;
    if (!payload) return {};
    times_claims claims;
    if (!read_object(view(*payload), claims)) return {};
    return {time_of(claims.issued), time_of(claims.expires)};
}

} // namespace equinix::sts::base
