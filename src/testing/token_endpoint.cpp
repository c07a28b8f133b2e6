#include "testing/token_endpoint.hpp"

#include "base/base64.hpp"
#include "base/characters.hpp"
#include "base/form.hpp"
#include "base/lock.hpp"
#include "base/redact.hpp"
#include "testing/claims.hpp"
#include "testing/jwt.hpp"
#include "testing/random_id.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/token.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace equinix::sts::testing {
namespace {

namespace json = boost::json;

/// A type of token that this service issues.
struct issued_type {
    std::string_view name;
    std::string_view media_type; ///< `typ` of its header (RFC 7515 section 4.1.9)
    std::string_view use;        ///< the answer's `token_type`
};

constexpr std::array issued_types = {
    issued_type{token_types::access_token, "JWT", "Bearer"},
    issued_type{token_types::id_jag, "oauth-id-jag+jwt", no_access_token},
    issued_type{token_types::txn_token, "txntoken+jwt", no_access_token},
};

issued_type const* find_issued_type(std::string_view name) {
    for (auto const& one : issued_types)
        if (one.name == name) return &one;
    return nullptr;
}

std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string_view find(form_fields const& fields, std::string_view name) {
    for (auto const& [key, value] : fields)
        if (key == name) return value;
    return {};
}

/// RFC 6749 section 3.2: no parameter may be repeated. RFC 8693 section 2.1 allows that for these two.
std::optional<std::string> doubled(form_fields const& fields) {
    for (auto at = fields.begin(); at != fields.end(); ++at) {
        if (at->first == "resource" || at->first == "audience") continue;
        auto const same = [&](auto const& other) { return other.first == at->first; };
        if (std::any_of(std::next(at), fields.end(), same)) return at->first;
    }
    return std::nullopt;
}

endpoint_answer json_answer(unsigned status, json::object const& body) {
    return {status,
            {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"Pragma", "no-cache"}},
            json::serialize(body)};
}

endpoint_answer refusal(unsigned status, std::string_view error, std::string_view description) {
    return json_answer(
        status, {{"error", json::string_view(error)}, {"error_description", json::string_view(description)}});
}

endpoint_answer invalid_request(std::string_view description) {
    return refusal(400, "invalid_request", description);
}

endpoint_answer plain(unsigned status, std::string text) {
    return {status, {{"Content-Type", "text/plain"}}, std::move(text)};
}

/// What follows the scheme in `Authorization`; the scheme is case-insensitive (RFC 9110 section 11.1).
std::optional<std::string_view> credentials(std::string_view authorization, std::string_view scheme) {
    auto const space = authorization.find(' ');
    if (space == std::string_view::npos || !base::iequals(authorization.substr(0, space), scheme)) return {};
    return authorization.substr(space + 1);
}

bool well_formed_scope(std::string_view scope) {
    return !scope.empty() && scope.front() != ' ' && scope.back() != ' ' &&
           scope.find("  ") == std::string_view::npos &&
           base::all_of(scope, [](char c) { return c == ' ' || base::is_scope_char(c); });
}

} // namespace

token_endpoint::token_endpoint(mock_options const& options)
    : options_(options),
      access_key_(std::make_shared<named_key const>(signature_algorithm::es256, "mock-access")),
      es256_key_(signature_algorithm::es256, "mock-es256"), proofs_(options.proofs), clients_(options),
      trusted_{access_key_} {}

void token_endpoint::trust(std::shared_ptr<named_key const> key) {
    base::mutex_lock const lock(trusted_lock_);
    trusted_.push_back(std::move(key));
}

named_key const& token_endpoint::id_token_key(signature_algorithm algorithm) const {
    if (algorithm == signature_algorithm::es256) return es256_key_;
    std::call_once(rs256_made_, [this] { rs256_key_.emplace(signature_algorithm::rs256, "mock-rs256"); });
    return *rs256_key_;
}

endpoint_answer token_endpoint::answer(endpoint_request const& request) const {
    auto const path = request.target.substr(0, request.target.find('?'));
    if (path != options_.path) return plain(404, "no such operation\n");
    if (request.method != "POST") {
        auto refused = plain(405, "use POST\n");
        refused.headers.emplace_back("Allow", "POST");
        return refused;
    }
    auto const media_type = request.content_type.substr(0, request.content_type.find_first_of("; "));
    if (!base::iequals(media_type, "application/x-www-form-urlencoded"))
        return invalid_request("the media type must be application/x-www-form-urlencoded");
    if (!options_.bearer.empty() && credentials(request.authorization, "Bearer") != options_.bearer) {
        auto refused = refusal(401, "invalid_client", "the bearer token is missing or wrong");
        refused.headers.emplace_back("WWW-Authenticate", "Bearer");
        return refused;
    }
    auto fields = parse_form(request.body);
    if (!fields) return invalid_request("the form is malformed");
    if (auto const name = doubled(*fields))
        return invalid_request(base::printable(*name, {}, 64) + " is given twice");
    // RFC 6749 section 3.2: a parameter without a value counts as absent.
    std::erase_if(*fields, [](auto const& field) { return field.second.empty(); });
    auto const url = "https://" + std::string(request.host) + std::string(request.target);
    proof_verdict proof;
    if (options_.proof_required || !request.dpop.empty())
        proof = proofs_.check(request.method, url, request.dpop);
    auto made = proof.refusal.empty() ? exchange(*fields, request, url, proof.thumbprint) : refuse(proof);
    if (!proof.nonce.empty()) made.headers.emplace_back("DPoP-Nonce", proof.nonce);
    return made;
}

/// RFC 9449 sections 5 and 8.
endpoint_answer token_endpoint::refuse(proof_verdict const& proof) const {
    if (!proof.wants_nonce) return refusal(400, "invalid_dpop_proof", proof.refusal);
    auto made = refusal(options_.nonce_status, "use_dpop_nonce", proof.refusal);
    if (options_.nonce_status != 401) return made;
    made.headers.emplace_back("WWW-Authenticate",
                              "DPoP error=\"use_dpop_nonce\", error_description=\"" + proof.refusal + "\"");
    made.body = "{}"; // the challenge alone tells
    return made;
}

endpoint_answer token_endpoint::exchange(form_fields const& fields, endpoint_request const& request,
                                         std::string_view url, std::string const& thumbprint) const {
    auto const grant_type = find(fields, "grant_type");
    bool const token_exchange = grant_type == to_string(grant_type::token_exchange);
    bool const jwt_bearer = grant_type == to_string(grant_type::jwt_bearer);
    if (grant_type.empty()) return invalid_request("grant_type is missing");
    if (!token_exchange && !jwt_bearer && grant_type != to_string(grant_type::client_credentials))
        return refusal(400, "unsupported_grant_type", "grant_type is unknown");

    auto const has_subject = !find(fields, "subject_token").empty();
    auto const client = authenticate_client(fields, request.authorization, url);
    bool const may_go_on =
        client.tried ? client.why_refused.empty() : token_exchange || jwt_bearer || has_subject;
    if (!may_go_on) {
        auto refused = refusal(401, "invalid_client",
                               client.tried ? client.why_refused : "the client must authenticate itself");
        refused.headers.emplace_back("WWW-Authenticate", "Basic realm=\"mock\"");
        return refused;
    }

    std::string subject = options_.client_id;
    if (jwt_bearer) {
        if (auto const why = check_assertion(find(fields, "assertion"), subject); !why.empty())
            return refusal(400, "invalid_grant", "assertion" + why);
    } else if (token_exchange || has_subject) {
        if (auto const why = check_token(fields, "subject_token", subject); !why.empty())
            return invalid_request(why);
    } else if (!find(fields, "subject_token_type").empty()) {
        return invalid_request("subject_token_type without subject_token");
    }
    if (!find(fields, "actor_token").empty() || !find(fields, "actor_token_type").empty()) {
        std::string actor;
        if (auto const why = check_token(fields, "actor_token", actor); !why.empty())
            return invalid_request(why);
    }
    auto const requested = find(fields, "requested_token_type");
    if (!requested.empty() && (!token_exchange || find_issued_type(requested) == nullptr))
        return invalid_request("requested_token_type is not supported");
    for (auto const& [name, value] : fields)
        if (name == "resource" &&
            (value.find(':') == std::string::npos || value.find('#') != std::string::npos))
            return refusal(400, "invalid_target", "resource must be an absolute URI without a fragment");

    auto const scope = find(fields, "scope");
    if (scope.empty()) return refusal(400, "invalid_scope", "scope is missing");
    if (!well_formed_scope(scope)) return refusal(400, "invalid_scope", "scope is malformed");
    return grant(subject, fields, token_exchange, thumbprint);
}

token_endpoint::client_check token_endpoint::authenticate_client(form_fields const& fields,
                                                                 std::string_view authorization,
                                                                 std::string_view url) const {
    auto const posted_id = find(fields, "client_id");
    auto const posted_secret = find(fields, "client_secret");
    auto const basic = credentials(authorization, "Basic");
    std::string const wrong = "the client is unknown or its secret is wrong";
    if (auto const assertion = find(fields, "client_assertion"); !assertion.empty()) {
        if (basic || !posted_secret.empty())
            return {true, "two client authentication methods in one request"};
        return {true, clients_.refusal(assertion, find(fields, "client_assertion_type"), posted_id, url)};
    }
    if (basic && !posted_secret.empty()) return {true, "two client authentication methods in one request"};
    if (basic) {
        // RFC 6749 section 2.3.1: both parts are form-encoded, then joined, then base64.
        base::wiped_buffer pair, expected;
        base::form_encode(pair, options_.client_id);
        pair.push_back(':');
        base::form_encode(pair, options_.client_secret);
        base::base64_encode(expected, base::view(pair));
        bool const same_id = posted_id.empty() || posted_id == options_.client_id;
        return {true, *basic == base::view(expected) && same_id ? "" : wrong};
    }
    if (posted_secret.empty()) return {false, ""};
    bool const right = posted_id == options_.client_id && posted_secret == options_.client_secret;
    return {true, right ? "" : wrong};
}

/// Why the token in the field `name` is refused; empty for a valid ID token.
std::string token_endpoint::check_token(form_fields const& fields, std::string const& name,
                                        std::string& subject) const {
    auto const given = find(fields, name);
    auto const type = find(fields, name + "_type");
    if (given.empty()) return name + " is missing";
    if (type.empty()) return name + "_type is missing";
    if (type != token_types::id_token && type != token_types::jwt && find_issued_type(type) == nullptr)
        return name + "_type is not supported";
    auto const why =
        type == token_types::id_token ? check_id_token(given, subject) : check_issued(given, type, subject);
    return why.empty() ? "" : name + why;
}

/// RFC 7523 section 3: an ID token, or a token of a trusted service whose audience is this one.
std::string token_endpoint::check_assertion(std::string_view token, std::string& subject) const {
    if (token.empty()) return " is missing";
    if (check_id_token(token, subject).empty()) return {};
    auto const jwt = parse_jwt(token);
    if (!jwt) return " is not a JWT";
    if (!names_audience(jwt->claims, options_.identifier)) return " is for another audience";
    auto const is_jag = text_in(jwt->header, "typ") == find_issued_type(token_types::id_jag)->media_type;
    return check_issued(token, is_jag ? token_types::id_jag : token_types::jwt, subject);
}

bool token_endpoint::is_signed_by_trusted(parsed_jwt const& token) const {
    base::mutex_lock const lock(trusted_lock_);
    return std::any_of(trusted_.begin(), trusted_.end(),
                       [&](auto const& key) { return key->verify(token.signing_input, token.signature); });
}

/// Why a token of this service or a trusted one is refused; empty if it is valid.
std::string token_endpoint::check_issued(std::string_view token, std::string_view type,
                                         std::string& subject) const {
    auto const jwt = parse_jwt(token);
    if (!jwt) return " is not a JWT";
    if (!is_signed_by_trusted(*jwt)) return " has a wrong signature";
    if (type != token_types::jwt && text_in(jwt->header, "typ") != find_issued_type(type)->media_type)
        return " is not of the stated type";
    if (jwt->claims.contains("aud") && !names_audience(jwt->claims, options_.identifier))
        return " is for another audience";
    if (number_in(jwt->claims, "exp").value_or(0) <= now()) return " has expired";
    subject = text_in(jwt->claims, "sub");
    return {};
}

/// Why the token is refused; empty if it is valid.
std::string token_endpoint::check_id_token(std::string_view token, std::string& subject) const {
    auto const jwt = parse_jwt(token);
    if (!jwt) return " is not a JWT";
    auto const algorithm_name = text_in(jwt->header, "alg");
    if (algorithm_name != "ES256" && algorithm_name != "RS256")
        return " is signed with an algorithm that is not accepted";
    auto const algorithm =
        algorithm_name == "ES256" ? signature_algorithm::es256 : signature_algorithm::rs256;
    auto const& key = id_token_key(algorithm);
    if (text_in(jwt->header, "kid") != key.id()) return " names an unknown key";
    if (!key.verify(jwt->signing_input, jwt->signature)) return " has a wrong signature";
    if (text_in(jwt->claims, "iss") != options_.issuer) return " has an unknown issuer";
    if (!names_audience(jwt->claims, options_.audience)) return " is for another audience";
    auto const expires = number_in(jwt->claims, "exp");
    if (!expires || *expires <= now()) return " has expired";
    auto const valid_from = number_in(jwt->claims, "nbf");
    if (valid_from && *valid_from > now()) return " is not valid yet";
    subject = text_in(jwt->claims, "sub");
    if (subject.empty()) return " has no subject";
    return {};
}

endpoint_answer token_endpoint::grant(std::string const& subject, form_fields const& fields,
                                      bool token_exchange, std::string const& thumbprint) const {
    bool const binds = !thumbprint.empty() && options_.binds_tokens;
    auto const count = issued_.fetch_add(1) + 1;
    auto const issued_at = now();
    auto const requested = find(fields, "requested_token_type");
    auto const& type = *find_issued_type(requested.empty() ? token_types::access_token : requested);
    json::object claims;
    claims["iss"] = options_.identifier;
    claims["sub"] = subject;
    json::array audiences;
    for (auto const& [name, value] : fields)
        if (name == "audience") audiences.emplace_back(value);
    if (!audiences.empty()) claims["aud"] = std::move(audiences);
    claims["scope"] = json::string_view(find(fields, "scope"));
    claims["iat"] = issued_at;
    claims["exp"] = issued_at + options_.lifetime.count();
    claims["jti"] = std::to_string(count) + "-" + random_id();
    if (binds) claims["cnf"] = json::object{{"jkt", thumbprint}};
    json::object body;
    body["access_token"] = make_jwt(*access_key_, access_key_->id(), claims, type.media_type);
    if (token_exchange) body["issued_token_type"] = json::string_view(type.name);
    body["token_type"] = binds && type.use == "Bearer" ? "DPoP" : json::string_view(type.use);
    body["expires_in"] = options_.lifetime.count();
    return json_answer(200, body);
}

std::optional<json::object> token_endpoint::claims(std::string_view access_token) const {
    auto jwt = parse_jwt(access_token);
    if (!jwt || !access_key_->verify(jwt->signing_input, jwt->signature)) return std::nullopt;
    if (number_in(jwt->claims, "exp").value_or(0) <= now()) return std::nullopt;
    return std::move(jwt->claims);
}

} // namespace equinix::sts::testing
