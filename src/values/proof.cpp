#include "values/proof.hpp"

#include "base/base64.hpp"
#include "base/characters.hpp"
#include "base/openssl_failure.hpp"
#include "base/url.hpp"
#include "values/jwk.hpp"
#include "values/signing_key.hpp"

#include <equinix/sts/dpop.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/scheme.hpp>

#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace equinix::sts {
namespace {

constexpr std::size_t longest_nonce = 1024;

/// NQCHAR (RFC 6749 appendix A).
constexpr bool is_nonce_char(char c) noexcept {
    return c == '!' || (c >= '#' && c <= '[') || (c >= ']' && c <= '~');
}

} // namespace

std::optional<std::string> dpop_nonce(std::string_view header) {
    if (header.empty() || header.size() > longest_nonce || !base::all_of(header, is_nonce_char))
        return std::nullopt;
    return std::string(header);
}

} // namespace equinix::sts

namespace equinix::sts::values {
namespace {

namespace json = boost::json;

json::string_view text(std::string_view from) noexcept {
    return {from.data(), from.size()};
}

/// 128 random bits.
std::string new_identifier() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        base::fail_by_openssl("generate a random number", phase::sign);
    return base::base64url(
        {reinterpret_cast<char const*>(bytes.data()), bytes.size()}); // NOLINT: OpenSSL's type
}

std::int64_t seconds_of(std::chrono::system_clock::time_point at) noexcept {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

constexpr bool is_unreserved(char c) noexcept {
    return base::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// Capital hexadecimal digits, and nothing encoded that need not be (RFC 3986 sections 6.2.2.1 and 6.2.2.2).
std::string normal_characters(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned char octet = 0;
        auto const digits = text.substr(at).starts_with('%') ? text.substr(at + 1, 2) : std::string_view();
        auto const* const begin = digits.data();
        auto const* const end = begin + digits.size();
        if (digits.size() != 2 || std::from_chars(begin, end, octet, 16).ptr != end) {
            out += text[at];
            continue;
        }
        constexpr char hexadecimal[] = "0123456789ABCDEF";
        auto const c = static_cast<char>(octet);
        if (is_unreserved(c))
            out += c;
        else
            out.append({'%', hexadecimal[octet >> 4U], hexadecimal[octet & 15U]});
        at += digits.size();
    }
    return out;
}

/// Also without dot segments (RFC 3986 section 6.2.2.3), and not empty.
std::string normal_path(std::string_view encoded) {
    auto const path = normal_characters(encoded);
    std::vector<std::string_view> kept;
    bool ends_in_slash = true;
    for (std::string_view rest = path; !rest.empty();) {
        rest.remove_prefix(1); // the slash in front of the segment
        auto const segment = rest.substr(0, rest.find('/'));
        rest.remove_prefix(segment.size());
        ends_in_slash = segment.empty() || segment == "." || segment == "..";
        if (segment == ".." && !kept.empty()) kept.pop_back();
        if (!ends_in_slash || (segment.empty() && !rest.empty())) kept.push_back(segment);
    }
    std::string out;
    for (auto const segment : kept)
        out.append("/").append(segment);
    return ends_in_slash ? out + "/" : out;
}

/// `header` is encoded already.
std::string signed_token(signing_key const& key, std::string_view header, json::object const& claims) {
    auto token = std::string(header) + "." + base::base64url(json::serialize(claims));
    auto const signature = key.sign(token);
    return token + "." + base::base64url(signature);
}

} // namespace

std::optional<std::string> proof_target(std::string_view url) {
    auto const given = base::parse_url(url);
    if (!given) return std::nullopt;
    bool const is_https = given->scheme_id() == boost::urls::scheme::https;
    if (!is_https && given->scheme_id() != boost::urls::scheme::http) return std::nullopt;
    auto const host = base::host_of(*given);
    std::uint16_t const usual = is_https ? 443 : 80;
    auto const port = base::port_of(*given, usual);
    if (!host.wrong.empty() || port == 0) return std::nullopt;
    std::string target = is_https ? "https://" : "http://";
    target += host.is_ipv6 ? "[" + host.name + "]" : host.name;
    if (port != usual) target += ":" + std::to_string(port);
    auto const path = given->encoded_path();
    return target + normal_path({path.data(), path.size()});
}

std::string proof_header(signing_algorithm algorithm, std::string_view public_jwk) {
    json::object const header{
        {"typ", "dpop+jwt"}, {"alg", text(to_string(algorithm))}, {"jwk", json::parse(text(public_jwk))}};
    return base::base64url(json::serialize(header));
}

std::string make_proof(signing_key const& key, proof_claims const& about,
                       std::chrono::system_clock::time_point now) {
    json::object claims{{"jti", new_identifier()},
                        {"htm", text(about.method)},
                        {"htu", text(about.target)},
                        {"iat", seconds_of(now)}};
    if (!about.access_token.empty()) claims["ath"] = sha256_base64url(about.access_token);
    if (!about.nonce.empty()) claims["nonce"] = text(about.nonce);
    return signed_token(key, signing_key_access::proof_header(key), claims);
}

std::string make_assertion(client_authentication const& client, std::string_view audience,
                           std::chrono::system_clock::time_point now) {
    auto const& key = *client.key();
    auto const& options = *client.assertion();
    json::object header{{"typ", "client-authentication+jwt"}, {"alg", text(to_string(key.algorithm()))}};
    if (!options.key_id.empty()) header["kid"] = options.key_id;
    json::object const claims{{"iss", client.client_id()},
                              {"sub", client.client_id()},
                              {"aud", options.audience.empty() ? text(audience) : text(options.audience)},
                              {"jti", new_identifier()},
                              {"iat", seconds_of(now)},
                              {"exp", seconds_of(now + options.lifetime)}};
    return signed_token(key, base::base64url(json::serialize(header)), claims);
}

} // namespace equinix::sts::values
