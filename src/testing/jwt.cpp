#include "testing/jwt.hpp"

#include "base/base64.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace equinix::sts::testing {
namespace {

namespace json = boost::json;

std::optional<json::object> decode_object(std::string_view part) {
    auto const text = base::base64url_decode(part);
    if (!text) return std::nullopt;
    boost::system::error_code ec;
    auto value = json::parse(base::view(*text), ec);
    if (ec || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string encode(std::string_view bytes) {
    base::wiped_buffer text;
    base::base64url_encode(text, bytes);
    return std::string(base::view(text));
}

} // namespace

std::optional<parsed_jwt> parse_jwt(std::string_view token) {
    auto const first = token.find('.');
    auto const second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return std::nullopt;
    auto header = decode_object(token.substr(0, first));
    auto claims = decode_object(token.substr(first + 1, second - first - 1));
    auto const signature = base::base64url_decode(token.substr(second + 1));
    if (!header || !claims || !signature) return std::nullopt;
    return parsed_jwt{std::move(*header), std::move(*claims), std::string(token.substr(0, second)),
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
