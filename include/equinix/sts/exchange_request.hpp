/// \file
/// What to ask the token endpoint for.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/scope.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/subject_token.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts {

class subject_token_supplier;

/// What a request asks for a token with (RFC 6749 section 1.3).
enum class grant_type {
    token_exchange,     ///< a subject token (RFC 8693)
    client_credentials, ///< the client's own authentication (RFC 6749 section 4.4)
    jwt_bearer          ///< an assertion (RFC 7523 section 2.1)
};

/// The value of the form field `grant_type`, as in `"client_credentials"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(grant_type) noexcept;

/// How the client itself is authenticated (RFC 6749 section 2.3). The service asks for none in a token
/// exchange. Each function throws `sts::error` of kind `config` on an empty or unusable value.
class EQUINIX_STS_DECL client_authentication {
public:
    /// The ways of it.
    enum class method {
        none,         ///< nothing, or a bare `client_id`
        secret_post,  ///< `client_id` and `client_secret` as form fields
        secret_basic, ///< the same in an `Authorization: Basic` header
        bearer        ///< an `Authorization: Bearer` header (RFC 6750)
    };

    /// No authentication. With an id, that id is sent as the form field `client_id`.
    static client_authentication none(std::string client_id = std::string());

    /// The id and the secret in `Authorization: Basic`, each form-encoded first (RFC 6749 section 2.3.1).
    /// This is how the service registers clients.
    static client_authentication secret_basic(std::string client_id, secret client_secret);

    /// The same as the form fields `client_id` and `client_secret`, for a service that wants that.
    static client_authentication secret_post(std::string client_id, secret client_secret);

    /// A token in `Authorization: Bearer`, for a gateway in front of the service (RFC 6750 section 2.1).
    static client_authentication bearer(secret access_token);

    /// Which of the ways.
    method which() const noexcept { return method_; }

    /// Who the client is; empty where that is not said.
    std::string const& client_id() const noexcept { return client_id_; }

    /// The client secret, or the token of `bearer`.
    secret const& credential() const noexcept { return credential_; }

private:
    client_authentication(method, std::string client_id, secret credential);

    method method_;
    std::string client_id_;
    secret credential_;
};

/// One request to the token endpoint. Made once, it may be sent often: a copy shares all of it and needs no
/// memory.
///
/// The setters check what they are given and throw `sts::error` of kind `config`. They may be chained on a
/// temporary as on a name. Nothing is sent that was not set.
class EQUINIX_STS_DECL exchange_request {
public:
    /// A further form field. The value is held as a secret, since it may be one.
    struct field {
        std::string name; ///< before encoding
        secret value;     ///< before encoding
    };

    /// A token exchange (RFC 8693): `grant_type=urn:ietf:params:oauth:grant-type:token-exchange`.
    explicit exchange_request(subject_token token);

    /// The same with a subject token that the supplier is asked for at each exchange.
    explicit exchange_request(std::shared_ptr<subject_token_supplier> supplier);

    /// The client credentials grant (RFC 6749 section 4.4). Nothing else is set.
    static exchange_request client_credentials();

    /// The JWT bearer grant (RFC 7523 section 2.1): the token is sent as `assertion`, without its type. With
    /// it a token that one service gave is shown to another, as in identity chaining and with an `id_jag`.
    static exchange_request jwt_bearer(subject_token assertion);

    /// The same with an assertion that the supplier is asked for at each exchange. `suppliers::exchange` has
    /// one from another service.
    static exchange_request jwt_bearer(std::shared_ptr<subject_token_supplier> supplier);

    /// The request as the environment has it. A token exchange, when `EQUINIX_TOKEN_EXCHANGE_SCOPE` or the
    /// variable with the subject token is set: with that scope, and the subject token in the variable which
    /// `EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR` names (else
    /// `EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN`), read anew at each exchange. Else client credentials, with
    /// `EQUINIX_STS_CLIENT_ID` and `EQUINIX_STS_CLIENT_SECRET` by Basic; they have no scope, which
    /// `.scope(...)` adds. Empty variables are as unset ones.
    ///
    /// `EQUINIX_API_CLIENTID` and `EQUINIX_API_CLIENTSECRET` are not read: they are credentials for another
    /// service, at another host.
    ///
    /// \throws sts::error of kind `config`, naming the variable and what to do; also for a token exchange
    /// without a scope, which the service refuses. A subject token that is missing is told by the exchange,
    /// as it may come later.
    static exchange_request from_environment();

    /// The same with a scope of the program's own, in place of the variable's.
    static exchange_request from_environment(sts::scope what);

    /// Adds a subject token to a client credentials request, as the service's SDK allows, or replaces it, or
    /// the assertion.
    exchange_request& subject(subject_token token) &;
    exchange_request&& subject(subject_token token) && { return std::move(subject(std::move(token))); }

    /// The same with a supplier, asked at each exchange.
    exchange_request& subject(std::shared_ptr<subject_token_supplier> supplier) &;
    exchange_request&& subject(std::shared_ptr<subject_token_supplier> supplier) && {
        return std::move(subject(std::move(supplier)));
    }

    /// What the access token shall be good for.
    exchange_request& scope(sts::scope value) &;
    exchange_request&& scope(sts::scope value) && { return std::move(scope(std::move(value))); }

    /// Where the token will be used, an absolute URI (RFC 8693 section 2.1). May be given several times.
    exchange_request& resource(std::string_view uri) &;
    exchange_request&& resource(std::string_view uri) && { return std::move(resource(uri)); }

    /// The logical name of where it will be used (RFC 8693 section 2.1). May be given several times.
    exchange_request& audience(std::string_view name) &;
    exchange_request&& audience(std::string_view name) && { return std::move(audience(name)); }

    /// The type of token wanted, one of `token_types` (RFC 8693 section 2.1).
    exchange_request& requested_token_type(std::string_view type) &;
    exchange_request&& requested_token_type(std::string_view type) && {
        return std::move(requested_token_type(type));
    }

    /// Who acts for the subject (RFC 8693 section 2.1): sent as `actor_token` and `actor_token_type`.
    exchange_request& actor(subject_token token) &;
    exchange_request&& actor(subject_token token) && { return std::move(actor(std::move(token))); }

    /// Any other form field. A name that has a setter of its own must go through that; every name but
    /// `resource` and `audience` stands at most once (RFC 6749 section 3.2); an empty value is refused, since
    /// it means the same as none.
    exchange_request& parameter(std::string name, secret value) &;

    /// The same of a text, which is copied.
    exchange_request& parameter(std::string name, std::string_view value) & {
        return parameter(std::move(name), secret(value));
    }
    exchange_request&& parameter(std::string name, secret value) && {
        return std::move(parameter(std::move(name), std::move(value)));
    }
    exchange_request&& parameter(std::string name, std::string_view value) && {
        return std::move(parameter(std::move(name), secret(value)));
    }

    /// How the client itself is authenticated; nothing by default.
    exchange_request& authentication(client_authentication how) &;
    exchange_request&& authentication(client_authentication how) && {
        return std::move(authentication(std::move(how)));
    }

    /// The bound on the whole exchange, waiting for a connection included; by default
    /// `client_options::timeout`. Must be positive.
    exchange_request& timeout(std::chrono::nanoseconds bound) &;
    exchange_request&& timeout(std::chrono::nanoseconds bound) && { return std::move(timeout(bound)); }

    /// A number of the caller's own, by which it tells this exchange in the observer's events (`event::tag`).
    /// Not sent, and no part of a cache's key. Default 0.
    exchange_request& tag(std::uint64_t number) &;
    exchange_request&& tag(std::uint64_t number) && { return std::move(tag(number)); }

    /// Which grant it is. (What a reference of these functions leads to is valid until the next setter,
    /// assignment or move.)
    grant_type grant() const noexcept { return settings().grant; }

    /// Short for `grant() == grant_type::token_exchange`.
    bool is_token_exchange() const noexcept { return grant() == grant_type::token_exchange; }

    /// The type that `requested_token_type()` asks for, an access token where it was not called.
    std::string_view expected_token_type() const noexcept;

    /// The subject token, or the assertion; nothing where there is none, or a supplier.
    std::optional<subject_token> const& subject() const noexcept { return settings().subject; }

    /// Whoever supplies it; null where nobody does.
    std::shared_ptr<subject_token_supplier> const& supplier() const noexcept { return settings().supplier; }

    /// The scope, where one was set.
    std::optional<sts::scope> const& scope() const noexcept { return settings().scope; }

    /// The actor, where one was set.
    std::optional<subject_token> const& actor() const noexcept { return settings().actor; }

    /// The further fields, in the order of their setting: `resource`, `audience`, ...
    std::vector<field> const& parameters() const noexcept { return settings().parameters; }

    /// How the client is authenticated.
    client_authentication const& authentication() const noexcept { return settings().authentication; }

    /// The number of the caller's own.
    std::uint64_t tag() const noexcept { return settings().tag; }

    /// The bound of its own, where it has one.
    std::optional<std::chrono::nanoseconds> timeout() const noexcept { return settings().timeout; }

private:
    /// Never changed once it is shared: a setter puts a changed copy in its place.
    struct fields {
        std::optional<subject_token> subject; ///< at most one of these two
        std::shared_ptr<subject_token_supplier> supplier;
        std::optional<sts::scope> scope;
        std::optional<subject_token> actor;
        std::vector<field> parameters;
        client_authentication authentication = client_authentication::none();
        std::optional<std::chrono::nanoseconds> timeout;
        std::uint64_t tag = 0;
        grant_type grant = grant_type::client_credentials;
    };

    exchange_request();
    explicit exchange_request(grant_type grant);
    static fields const& nothing() noexcept;
    fields const& settings() const noexcept { return fields_ ? *fields_ : nothing(); } // none when moved from
    template <class Change>
    exchange_request& change(Change what);
    void add(std::string name, secret value);

    std::shared_ptr<fields const> fields_;
};

} // namespace equinix::sts
