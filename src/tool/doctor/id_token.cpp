#include "tool/doctor/id_token.hpp"

#include "base/jwt.hpp"
#include "base/redact.hpp"

namespace equinix::sts::tool::doctor {
namespace {

namespace json = boost::json;

std::string as_text(json::value const& value) {
    if (!value.is_string()) return {};
    return base::printable({value.get_string().data(), value.get_string().size()}, {}, 200);
}

std::string text(json::object const& from, std::string_view name) {
    auto const* const value = from.if_contains(json::string_view(name));
    return value == nullptr ? std::string() : as_text(*value);
}

std::optional<std::chrono::sys_seconds> time(json::object const& from, std::string_view name) {
    auto const* const value = from.if_contains(json::string_view(name));
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return base::numeric_date(value->to_number<double>());
}

} // namespace

std::optional<id_token> read_id_token(std::string_view token) {
    auto const parts = base::split_jwt(token);
    if (!parts) return std::nullopt;
    auto const header = base::jwt_object(parts->header);
    auto const claims = base::jwt_object(parts->payload);
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
