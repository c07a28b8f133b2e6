#include "tool/exchange_setup.hpp"

#include "base/failure.hpp"
#include "base/without_query.hpp"
#include "tool/secret_source.hpp"
#include "tool/subject_platform.hpp"
#include "values/variables.hpp"

#include <equinix/sts/suppliers.hpp>

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts::tool {
namespace {

/// A variable is not even checked if its option is given.
std::chrono::nanoseconds timeout_of(exchange_arguments const& given) {
    if (given.timeout) return *given.timeout;
    if (auto const by_variable = values::timeout_from_environment()) return *by_variable;
    return client_options().timeout;
}

/// Decides like `exchange_request::from_environment()` unless an option does.
grant_type grant_of(exchange_arguments const& given) {
    if (given.grant) return *given.grant;
    namespace names = values::variables;
    bool const has_subject = !given.subject_token_file.empty() || !given.subject_token_env.empty() ||
                             !given.subject_token_command.empty() || !given.subject_from.empty() ||
                             values::environment_has_exchange();
    if (!has_subject && !given.assertion_key.empty()) return grant_type::client_credentials;
    bool const has_client = !(given.client_id.empty() && base::variable(names::client_id).empty()) &&
                            !base::variable(names::client_secret).empty();
    return !has_subject && given.bearer_file.empty() && has_client ? grant_type::client_credentials
                                                                   : grant_type::token_exchange;
}

template <class Make>
auto made_from_file(exchange_arguments const& given, std::string const& option, std::string const& path,
                    Make make) {
    auto const content = secret_from_file(option, path, timeout_of(given));
    return base::made_from(option + " '" + path + "'", option, [&] { return make(content); });
}

std::optional<subject_token> subject_of(exchange_arguments const& given) {
    if (!given.subject_token_file.empty())
        return made_from_file(given, "--subject-token-file", given.subject_token_file,
                              [](secret const& content) { return subject_token(content); });
    if (given.subject_token_env.empty()) return std::nullopt;
    auto const content = secret_from_environment("--subject-token-env", given.subject_token_env);
    return base::made_from("--subject-token-env " + given.subject_token_env, "--subject-token-env",
                           [&] { return subject_token(content); });
}

/// The supplier that is asked for the subject token at each exchange; null if there is none.
suppliers::supplier_ptr supplier_of(exchange_arguments const& given, bool by_credentials) {
    if (!given.subject_token_command.empty()) return suppliers::command(given.subject_token_command);
    if (!given.subject_from.empty()) return platform_supplier(given.subject_from, given.subject_audience);
    namespace names = values::variables;
    bool const by_variable =
        !by_credentials && given.subject_token_file.empty() && given.subject_token_env.empty() &&
        !(base::variable(names::subject_token).empty() && base::variable(names::subject_token_name).empty());
    if (!by_variable) return nullptr;
    return suppliers::environment_named_by(names::subject_token_name, names::subject_token);
}

/// One `Name: value` per line.
std::vector<std::pair<std::string, secret>> proxy_headers_of(std::string const& path,
                                                             std::chrono::nanoseconds at_most) {
    auto const content = secret_from_file("--proxy-header-file", path, at_most);
    auto const is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    std::vector<std::pair<std::string, secret>> all;
    unsigned number = 0;
    for (auto rest = content.reveal(); !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        ++number;
        while (!line.empty() && is_blank(line.back()))
            line.remove_suffix(1);
        if (line.empty()) continue;
        auto const colon = line.find(':');
        if (colon == std::string_view::npos)
            base::refuse("--proxy-header-file", " '" + path + "': line " + std::to_string(number) +
                                                    " has no colon: write Name: value");
        auto value = line.substr(colon + 1);
        while (!value.empty() && is_blank(value.front()))
            value.remove_prefix(1);
        all.emplace_back(line.substr(0, colon), secret(value));
    }
    return all;
}

/// A key by its URI, or from a file.
signing_key key_of(exchange_arguments const& given, std::string const& option, std::string const& where) {
    signing_key::passphrase_callback passphrase;
    if (auto const& path = given.client_key_passphrase_file; !path.empty())
        passphrase = [&] {
            return secret_from_file("--client-key-passphrase-file", path, timeout_of(given));
        };
    auto const scheme = where.substr(0, where.find(':'));
    bool const is_uri = scheme.size() != where.size() && scheme.find('/') == std::string::npos &&
                        ::access(where.c_str(), F_OK) != 0;
    auto const load = [&](std::optional<signing_algorithm> algorithm) {
        return is_uri ? signing_key::from_uri(where, passphrase, algorithm)
                      : signing_key::from_file(where, passphrase, algorithm);
    };
    return base::made_from(option, option, [&] {
        bool const is_only_one = given.dpop_key.empty() || given.assertion_key.empty();
        if (!given.signing_alg || is_only_one) return load(given.signing_alg);
        // Of two keys, --signing-alg may be meant for the other.
        auto const key = load(std::nullopt);
        bool const is_others = key.algorithm() != signing_algorithm::rs256;
        return is_others || *given.signing_alg == key.algorithm() ? key : load(given.signing_alg);
    });
}

/// The key that the token is to be bound to, if it is.
std::optional<signing_key> proof_key_of(exchange_arguments const& given) {
    if (!given.dpop_key.empty()) return key_of(given, "--dpop-key", given.dpop_key);
    if (!given.dpop && !given.dpop_required) return std::nullopt;
    return signing_key::generate(given.signing_alg.value_or(signing_algorithm::es256));
}

client_authentication assertions_of(exchange_arguments const& given) {
    assertion_options options;
    options.key_id = given.assertion_key_id;
    options.audience = given.assertion_audience;
    auto const id =
        given.client_id.empty() ? std::string(base::variable(values::variables::client_id)) : given.client_id;
    return client_authentication::private_key_jwt(
        id, key_of(given, "--client-assertion-key", given.assertion_key), options);
}

client_authentication authentication_of(exchange_arguments const& given, bool by_credentials) {
    if (!given.bearer_file.empty())
        return made_from_file(given, "--bearer-file", given.bearer_file,
                              [](secret const& content) { return client_authentication::bearer(content); });
    if (!given.assertion_key.empty()) return assertions_of(given);
    namespace names = values::variables;
    auto id = given.client_id;
    if (id.empty() && (by_credentials || !given.client_secret_file.empty()))
        id = base::variable(names::client_id);
    auto public_client = base::made_from(given.client_id.empty() ? names::client_id : "--client-id",
                                         [&] { return client_authentication::none(id); });
    auto const with = [&](secret const& content) {
        using method = client_authentication::method;
        return given.client_auth == method::secret_post ? client_authentication::secret_post(id, content)
                                                        : client_authentication::secret_basic(id, content);
    };
    if (!given.client_secret_file.empty())
        return made_from_file(given, "--client-secret-file", given.client_secret_file, with);
    auto const by_variable = by_credentials ? values::client_secret_from_environment() : secret();
    if (by_variable.empty()) return public_client;
    if (id.empty())
        base::refuse_option(names::client_id, std::string(names::client_secret) + " needs " +
                                                  names::client_id + " or --client-id");
    return base::made_from(names::client_secret, [&] { return with(by_variable); });
}

/// A request of this grant, with what is known about the subject.
exchange_request empty_request(grant_type grant, std::optional<subject_token> const& subject,
                               suppliers::supplier_ptr const& supplier) {
    if (grant == grant_type::client_credentials) {
        auto request = exchange_request::client_credentials();
        if (subject) request.subject(*subject);
        if (supplier) request.subject(supplier);
        return request;
    }
    if (grant == grant_type::jwt_bearer)
        return subject ? exchange_request::jwt_bearer(*subject) : exchange_request::jwt_bearer(supplier);
    return subject ? exchange_request(*subject) : exchange_request(supplier);
}

} // namespace

client_options options_of(exchange_arguments const& given) {
    client_options options;
    if (given.url)
        options.endpoint = endpoint(*given.url);
    else if (auto const by_variable = values::endpoint_from_environment())
        options.endpoint = *by_variable;
    options.timeout = timeout_of(given);
    options.tls.ca_file = given.ca_file;
    options.tls.client_certificate_file = given.client_certificate_file;
    options.tls.client_key_file = given.client_key_file;
    if (auto const& path = given.client_key_passphrase_file; !path.empty())
        options.tls.client_key_passphrase = [path, at_most = options.timeout] {
            return secret_from_file("--client-key-passphrase-file", path, at_most);
        };
    if (!given.proxy.empty()) options.proxy.emplace(given.proxy.reveal());
    if (!given.proxy_header_file.empty())
        options.proxy_headers = proxy_headers_of(given.proxy_header_file, options.timeout);
    if (given.attempt_timeout) options.attempt_timeout = *given.attempt_timeout;
    if (given.connect_timeout) options.connect_timeout = *given.connect_timeout;
    if (given.http) options.http = *given.http;
    if (given.max_attempts) options.retry.max_attempts = *given.max_attempts;
    options.pool.max_waiters = std::max<std::size_t>(options.pool.max_waiters, given.parallel);
    options.thread_safe = false;
    return options;
}

exchange_request request_of(exchange_arguments const& given) {
    auto const grant = grant_of(given);
    bool const by_credentials = grant == grant_type::client_credentials;
    auto subject = subject_of(given);
    auto supplier = supplier_of(given, by_credentials);
    if (!by_credentials && !subject && !supplier)
        base::refuse(
            (grant == grant_type::jwt_bearer ? "the JWT bearer grant needs an assertion"
                                             : "a token exchange needs a subject token") +
            std::string(": give --subject-token-file, --subject-token-env, --subject-token-command or "
                        "--subject-from, or set EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN; or choose --grant "
                        "client-credentials") +
            values::about_foreign_credentials());
    auto request = empty_request(grant, subject, supplier);
    auto const by_variable = base::variable(values::variables::scope);
    if (given.scopes.empty() && !by_variable.empty()) request.scope(scope(std::string(by_variable)));
    if (!given.scopes.empty()) {
        scope all(given.scopes.front());
        for (std::size_t i = 1; i < given.scopes.size(); ++i)
            all.add(scope(given.scopes[i]));
        request.scope(std::move(all));
    }
    for (auto const& one : given.audiences)
        base::made_from("--audience", [&] { return request.audience(one); });
    for (auto const& one : given.resources)
        base::made_from("--resource", [&] { return request.resource(one); });
    if (!given.requested_token_type.empty()) request.requested_token_type(given.requested_token_type);
    if (auto const key = proof_key_of(given))
        request.proof(*key, given.dpop_required ? dpop_binding::required : dpop_binding::preferred);
    auto authentication = authentication_of(given, by_credentials);
    bool const has_credentials = authentication.which() != client_authentication::method::none || subject ||
                                 supplier || !authentication.client_id().empty();
    auto const foreign = values::about_foreign_credentials();
    if (by_credentials && !has_credentials && !foreign.empty())
        base::refuse("client credentials need --client-id with --client-secret-file, or " +
                     std::string(values::variables::client_id) + " and " + values::variables::client_secret +
                     foreign);
    return request.authentication(std::move(authentication));
}

std::string describe_request(client_options const& options, exchange_request const& request) {
    auto text = "POST " + base::without_query(options.endpoint.url()) +
                "\n  grant_type=" + std::string(to_string(request.grant())) + "\n";
    bool const is_assertion = request.grant() == grant_type::jwt_bearer;
    auto const name = std::string(is_assertion ? "assertion" : "subject_token");
    if (auto const& scope = request.scope()) text += "  scope=" + scope->value() + "\n";
    if (auto const& subject = request.subject()) {
        text += "  " + name + "=[redacted, " + std::to_string(subject->token().size()) + " bytes]\n";
        if (!is_assertion) text += "  subject_token_type=" + subject->type() + "\n";
    }
    if (auto const& supplier = request.supplier())
        text += "  " + name + "=[redacted, from " + supplier->describe() + "]\n";
    for (auto const& field : request.parameters()) // this command's parameters are all public
        text += "  " + field.name + "=" + std::string(field.value.reveal()) + "\n";
    if (auto const& key = request.proof_key())
        text += "  DPoP: [a proof by " + std::string(to_string(key->algorithm())) + ", key " +
                key->thumbprint() + "]\n";
    auto const& client = request.authentication();
    using method = client_authentication::method;
    if (auto const* const key = client.key())
        text += "  client_assertion=[redacted], by " + std::string(to_string(key->algorithm())) + ", key " +
                key->thumbprint() + "\n";
    if (client.which() == method::bearer) text += "  Authorization: Bearer [redacted]\n";
    if (client.which() == method::secret_basic)
        text += "  Authorization: Basic [redacted], of client " + client.client_id() + "\n";
    else if (!client.client_id().empty() && client.which() != method::private_key_jwt)
        text += "  client_id=" + client.client_id() + "\n";
    if (client.which() == method::secret_post) text += "  client_secret=[redacted]\n";
    return text;
}

} // namespace equinix::sts::tool
