#include "tool/doctor/id_token.hpp"

#include "base/base64.hpp"
#include "base/redact.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>

namespace equinix::sts::tool::doctor {
namespace {

namespace json = boost::json;

std::optional<json::object> read_part(std::string_view encoded) {
    auto const text = base::base64url_decode(encoded);
    if (!text) return std::nullopt;
    boost::system::error_code ec;
    auto value = json::parse(base::view(*text), ec);
    if (ec || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::string as_text(json::value const& value) {
    if (!value.is_string()) return {};
    return base::printable({value.get_string().data(), value.get_string().size()}, {}, 200);
}

std::string text(json::object const& from, std::string_view name) {
    auto const* const value = from.if_contains(json::string_view(name));
    return value == nullptr ? std::string() : as_text(*value);
}

std::optional<std::chrono::sys_seconds> time(json::object const& from, std::string_view name) {
    constexpr double latest = 7258118400.0; // the year 2200
    auto const* const value = from.if_contains(json::string_view(name));
    if (value == nullptr || !value->is_number()) return std::nullopt;
    auto const seconds = value->to_number<double>();
    if (!std::isfinite(seconds)) return std::nullopt;
    return std::chrono::sys_seconds(
        std::chrono::seconds(static_cast<std::int64_t>(std::clamp(seconds, 0.0, latest))));
}

} // namespace

std::optional<id_token> read_id_token(std::string_view token) {
    auto const first = token.find('.');
    auto const second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return std::nullopt;
    auto const header = read_part(token.substr(0, first));
    auto const claims = read_part(token.substr(first + 1, second - first - 1));
    if (!header || !claims) return std::nullopt;
    id_token out;
    out.algorithm = text(*header, "alg");
    out.key_id = text(*header, "kid");
    out.issuer = text(*claims, "iss");
    out.subject = text(*claims, "sub");
    out.issued = time(*claims, "iat");
    out.valid_from = time(*claims, "nbf");
    out.expires = time(*claims, "exp");
    out.expires_ill_formed = claims->contains("exp") && !out.expires;
    if (auto const* const audience = claims->if_contains("aud")) {
        if (audience->is_array()) {
            for (auto const& one : audience->get_array())
                out.audience.push_back(as_text(one));
        } else {
            out.audience.push_back(as_text(*audience));
        }
    }
    return out;
}

std::string audience_of(id_token const& token) {
    std::string all;
    for (auto const& one : token.audience)
        all += (all.empty() ? "" : ", ") + one;
    return all;
}

} // namespace equinix::sts::tool::doctor
