#include "testing/jwt.hpp"

#include "base/base64.hpp"
#include "base/jwt.hpp"

#include <boost/json/serialize.hpp>

namespace equinix::sts::testing {
namespace {

namespace json = boost::json;

} // namespace

std::optional<parsed_jwt> parse_jwt(std::string_view token) {
    auto const parts = base::split_jwt(token);
    if (!parts) return std::nullopt;
    auto header = base::jwt_object(parts->header);
    auto claims = base::jwt_object(parts->payload);
    auto const signature = base::base64url_decode(parts->signature);
    if (!header || !claims || !signature) return std::nullopt;
    return parsed_jwt{std::move(*header), std::move(*claims), std::string(parts->signed_text),
                      std::string(base::view(*signature))};
}

std::string make_jwt(named_key const& key, std::string_view key_id, json::object const& claims,
                     std::string_view type) {
    json::object header;
    header["alg"] = json::string_view(to_string(key.algorithm()));
    header["typ"] = json::string_view(type);
    header["kid"] = json::string_view(key_id);
    auto token = base::base64url(json::serialize(header)) + "." + base::base64url(json::serialize(claims));
    auto const signature = key.sign(token);
    return token + "." + base::base64url(signature);
}

} // namespace equinix::sts::testing
