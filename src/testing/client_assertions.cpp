#include "testing/client_assertions.hpp"

#include "testing/claims.hpp"
#include "testing/public_key.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <stdexcept>

namespace equinix::sts::testing {

client_assertions::client_assertions(mock_options const& options)
    : client_id_(options.client_id), identifier_(options.identifier) {
    if (options.client_jwk.empty()) return;
    boost::system::error_code ec;
    auto const read = boost::json::parse(options.client_jwk, ec);
    if (ec || !read.is_object()) throw std::runtime_error("mock_options::client_jwk is not a JWK");
    jwk_ = read.get_object();
}

std::string client_assertions::refusal(std::string_view assertion, std::string_view type,
                                       std::string_view client_id, std::string_view url) const {
    if (type != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        return "client_assertion_type is missing or unknown";
    auto const jwt = parse_jwt(assertion);
    if (!jwt) return "client_assertion is not a JWT";
    if (jwk_.empty()) return "no key of the client is registered: set mock_options::client_jwk";
    if (!is_signed_by(jwk_, *jwt)) return "the signature of client_assertion is wrong";
    auto const typ = text_in(jwt->header, "typ");
    if (!typ.empty() && typ != "client-authentication+jwt" && typ != "JWT")
        return "client_assertion is of another type";
    if (text_in(jwt->claims, "iss") != client_id_ || text_in(jwt->claims, "sub") != client_id_ ||
        (!client_id.empty() && client_id != client_id_))
        return "client_assertion is of another client";
    if (!names_audience(jwt->claims, url) && !names_audience(jwt->claims, identifier_))
        return "client_assertion is for another audience";
    auto const now = std::chrono::system_clock::now();
    auto const expires = number_in(jwt->claims, "exp");
    auto const left =
        expires.value_or(0) - std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    constexpr std::int64_t longest = 24 * 3600;
    if (left <= 0) return "client_assertion has expired";
    if (left > longest) return "client_assertion is valid for more than a day";
    auto const id = text_in(jwt->claims, "jti");
    if (id.empty()) return "client_assertion has no jti";
    if (!seen_.add(id, now, std::chrono::seconds(left))) return "client_assertion was used before";
    return {};
}

} // namespace equinix::sts::testing
