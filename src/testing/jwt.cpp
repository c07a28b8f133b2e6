#include "testing/jwt.hpp"

#include "base/base64.hpp"
#include "base/jwt.hpp"

#include <boost/json/serialize.hpp>

namespace equinix::sts::testing {
namespace {

namespace json = boost::json;

std::string encode(std::string_view bytes) {
    base::wiped_buffer text;
    base::base64url_encode(text, bytes);
    return std::string(base::view(text));
}

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

std::string make_jwt(signing_key const& key, std::string_view key_id, json::object const& claims,
                     std::string_view type) {
    json::object header;
    header["alg"] = key.algorithm() == signature_algorithm::es256 ? "ES256" : "RS256";
    header["typ"] = json::string_view(type);
    header["kid"] = json::string_view(key_id);
    auto token = encode(json::serialize(header)) + "." + encode(json::serialize(claims));
    auto const signature = key.sign(token);
    return token + "." + encode(signature);
}

} // namespace equinix::sts::testing
