#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/secret_text.hpp"

#include <equinix/sts/exchange_request.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace equinix::sts {
namespace {

struct reserved_name {
    std::string_view name, setter;
};

constexpr std::array<reserved_name, 10> reserved = {{
    {"grant_type", "the constructor"},
    {"scope", "scope()"},
    {"subject_token", "subject()"},
    {"subject_token_type", "subject()"},
    {"assertion", "jwt_bearer()"},
    {"actor_token", "actor()"},
    {"actor_token_type", "actor()"},
    {"requested_token_type", "requested_token_type()"},
    {"client_id", "authentication()"},
    {"client_secret", "authentication()"},
}};

/// RFC 6749 appendix A.1 and A.2: printable ASCII.
void check_credential(std::string const& what, std::string_view value) {
    if (value.empty()) base::refuse(what + " is empty");
    if (!base::all_of(value, [](char c) { return c == ' ' || base::is_visible(c); }))
        base::refuse(what + " contains a line break, a control character or a non-ASCII character");
}

/// RFC 8693 section 2.1.
void check_resource(std::string_view uri) {
    auto const scheme = uri.substr(0, uri.find(':'));
    if (scheme.size() == uri.size() || scheme.empty() || !base::all_visible(uri) ||
        uri.find('#') != std::string_view::npos)
        base::refuse("resource must be an absolute URI without a fragment");
}

/// A field of a client's assertion that the program made itself (RFC 7521 section 4.2).
bool is_assertion(std::string_view name) noexcept {
    return name == "client_assertion" || name == "client_assertion_type";
}

/// RFC 6749 section 2.3: one method of authentication in each request.
void refuse_second_authentication(client_authentication const& besides) {
    using method = client_authentication::method;
    auto const which = besides.which();
    if (which == method::secret_post || which == method::secret_basic || which == method::private_key_jwt)
        base::refuse("the parameter client_assertion and authentication() exclude each other: the client "
                     "authenticates itself in one way (RFC 6749 section 2.3)");
}

} // namespace

std::string_view to_string(grant_type grant) noexcept {
    switch (grant) {
    case grant_type::token_exchange:
        return "urn:ietf:params:oauth:grant-type:token-exchange";
    case grant_type::client_credentials:
        return "client_credentials";
    case grant_type::jwt_bearer:
        return "urn:ietf:params:oauth:grant-type:jwt-bearer";
    }
    return "unknown";
}

client_authentication::client_authentication(method which, std::string client_id, secret credential)
    : method_(which), client_id_(std::move(client_id)), credential_(std::move(credential)) {}

client_authentication client_authentication::none(std::string client_id) {
    if (!client_id.empty()) check_credential("client_id", client_id);
    return {method::none, std::move(client_id), secret()};
}

client_authentication client_authentication::secret_post(std::string client_id, secret client_secret) {
    check_credential("client_id", client_id);
    check_credential("client_secret", client_secret.reveal());
    return {method::secret_post, std::move(client_id), std::move(client_secret)};
}

client_authentication client_authentication::secret_basic(std::string client_id, secret client_secret) {
    check_credential("client_id", client_id);
    check_credential("client_secret", client_secret.reveal());
    return {method::secret_basic, std::move(client_id), std::move(client_secret)};
}

client_authentication client_authentication::bearer(secret access_token) {
    if (auto const wrong = base::fault_of_token(access_token.reveal()); !wrong.empty())
        base::refuse(std::string("bearer token ").append(wrong));
    return {method::bearer, std::string(), std::move(access_token)};
}

client_authentication client_authentication::private_key_jwt(std::string client_id, signing_key key,
                                                             assertion_options options) {
    check_credential("client_id", client_id);
    if (options.lifetime < std::chrono::seconds(1) || options.lifetime > std::chrono::hours(1))
        base::refuse("assertion_options::lifetime must be from 1 second to 1 hour");
    for (auto const& [name, value] :
         {std::pair("key_id", &options.key_id), std::pair("audience", &options.audience)})
        if (!base::all_of(*value, [](char c) { return c == ' ' || base::is_visible(c); }))
            base::refuse("assertion_options::" + std::string(name) +
                         " contains a control character or a non-ASCII character");
    client_authentication made(method::private_key_jwt, std::move(client_id), secret());
    made.signs_ = std::make_shared<signer const>(signer{std::move(key), std::move(options)});
    return made;
}

/// A request with neither a subject token nor a supplier of one is never sent.
exchange_request::fields const& exchange_request::nothing() noexcept {
    static fields const none = [] {
        fields made;
        made.grant = grant_type::token_exchange;
        return made;
    }();
    return none;
}

template <class Change>
exchange_request& exchange_request::change(Change what) {
    auto changed = std::make_shared<fields>(settings());
    what(*changed);
    fields_ = std::move(changed);
    return *this;
}

exchange_request::exchange_request(grant_type grant) {
    auto made = std::make_shared<fields>();
    made->grant = grant;
    fields_ = std::move(made);
}

exchange_request::exchange_request() = default; // a token exchange, like `nothing()`

exchange_request::exchange_request(subject_token token) {
    subject(std::move(token));
}

exchange_request::exchange_request(std::shared_ptr<subject_token_supplier> supplier) {
    subject(std::move(supplier));
}

exchange_request exchange_request::client_credentials() {
    return exchange_request(grant_type::client_credentials);
}

exchange_request exchange_request::jwt_bearer(subject_token assertion) {
    return exchange_request(grant_type::jwt_bearer).subject(std::move(assertion));
}

exchange_request exchange_request::jwt_bearer(std::shared_ptr<subject_token_supplier> supplier) {
    return exchange_request(grant_type::jwt_bearer).subject(std::move(supplier));
}

std::string_view exchange_request::expected_token_type() const noexcept {
    for (auto const& field : parameters())
        if (field.name == "requested_token_type") return field.value.reveal();
    return token_types::access_token;
}

exchange_request& exchange_request::subject(subject_token token) & {
    return change([&](fields& all) {
        all.subject = std::move(token);
        all.supplier.reset();
    });
}

exchange_request& exchange_request::subject(std::shared_ptr<subject_token_supplier> supplier) & {
    if (!supplier) base::refuse("subject: the supplier is null");
    return change([&](fields& all) {
        all.supplier = std::move(supplier);
        all.subject.reset();
    });
}

exchange_request& exchange_request::scope(sts::scope value) & {
    return change([&](fields& all) { all.scope = std::move(value); });
}

exchange_request& exchange_request::resource(std::string_view uri) & {
    parameter("resource", uri);
    return *this;
}

exchange_request& exchange_request::audience(std::string_view name) & {
    add("audience", secret(name));
    return *this;
}

exchange_request& exchange_request::requested_token_type(std::string_view type) & {
    auto without = *this;
    without.change([](fields& all) {
        std::erase_if(all.parameters, [](field const& f) { return f.name == "requested_token_type"; });
    });
    without.add("requested_token_type", secret(type));
    return *this = std::move(without);
}

exchange_request& exchange_request::actor(subject_token token) & {
    return change([&](fields& all) { all.actor = std::move(token); });
}

exchange_request& exchange_request::parameter(std::string name, secret value) & {
    if (name.empty() || !base::all_visible(name))
        base::refuse("parameter name is empty or contains a space or a control character");
    for (auto const& taken : reserved)
        if (name == taken.name)
            base::refuse("parameter '" + name + "' is set by " + std::string(taken.setter));
    bool const repeatable = name == "resource" || name == "audience";
    auto const has_name = [&](field const& f) { return f.name == name; };
    if (!repeatable && std::any_of(parameters().begin(), parameters().end(), has_name))
        base::refuse("parameter '" + name + "' is set twice; RFC 6749 section 3.2 allows it once");
    if (name == "resource") check_resource(value.reveal());
    if (is_assertion(name)) refuse_second_authentication(authentication());
    add(std::move(name), std::move(value));
    return *this;
}

exchange_request& exchange_request::authentication(client_authentication how) & {
    for (auto const& field : parameters())
        if (is_assertion(field.name)) refuse_second_authentication(how);
    return change([&](fields& all) { all.authentication = std::move(how); });
}

exchange_request& exchange_request::proof(signing_key key, dpop_binding binding) & {
    return change([&](fields& all) {
        all.proof_key = std::move(key);
        all.binding = binding;
    });
}

exchange_request& exchange_request::tag(std::uint64_t number) & {
    return change([&](fields& all) { all.tag = number; });
}

exchange_request& exchange_request::timeout(std::chrono::nanoseconds bound) & {
    if (bound <= bound.zero()) base::refuse("timeout must be positive");
    return change([&](fields& all) { all.timeout = bound; });
}

void exchange_request::add(std::string name, secret value) {
    if (value.empty()) base::refuse("parameter '" + name + "' is empty: leave it out instead");
    change([&](fields& all) { all.parameters.push_back(field{std::move(name), std::move(value)}); });
}

} // namespace equinix::sts
