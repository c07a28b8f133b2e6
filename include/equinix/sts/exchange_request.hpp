/// \file
/// A request to the token endpoint.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/dpop.hpp>
#include <equinix/sts/keys.hpp>
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

/// The grant that a request presents (RFC 6749 section 1.3).
enum class grant_type {
    token_exchange,     ///< a subject token (RFC 8693)
    client_credentials, ///< the client's own authentication (RFC 6749 section 4.4)
    jwt_bearer          ///< an assertion (RFC 7523 section 2.1)
};

/// Returns the value of the form field `grant_type`, as in `"client_credentials"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(grant_type) noexcept;

/// What a client assertion contains besides the client's identifier (RFC 7523 section 3).
struct assertion_options {
    assertion_options() {} // NOLINT(modernize-use-equals-default): must not be an aggregate

    /// The key's identifier at the service, in the header as `kid`. Empty: none is sent.
    std::string key_id;

    /// The audience, `aud`. Empty: the URL of the token endpoint.
    std::string audience;

    /// How long an assertion is valid. From 1 second to 1 hour. The clocks of client and service may
    /// differ, so some services refuse a much shorter lifetime.
    std::chrono::seconds lifetime{60};
};

/// How the client itself authenticates (RFC 6749 section 2.3). The service requires no client authentication
/// in a token exchange.
///
/// Each function throws `sts::error` of kind `config` if a value is empty or cannot be sent.
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class EQUINIX_STS_DECL client_authentication {
public:
    /// The authentication methods.
    enum class method {
        none,           ///< no credentials, at most a `client_id`
        secret_post,    ///< `client_id` and `client_secret` as form fields
        secret_basic,   ///< both in an `Authorization: Basic` header
        bearer,         ///< an `Authorization: Bearer` header (RFC 6750)
        private_key_jwt ///< a signed assertion (RFC 7523 section 2.2)
    };

    /// Uses no authentication. If `client_id` is not empty, sends it as the form field `client_id`.
    static client_authentication none(std::string client_id = std::string());

    /// Sends the id and the secret in `Authorization: Basic`, each form-encoded first (RFC 6749
    /// section 2.3.1). The service registers clients for this method.
    static client_authentication secret_basic(std::string client_id, secret client_secret);

    /// Sends the id and the secret as the form fields `client_id` and `client_secret`, for a service that
    /// requires it.
    static client_authentication secret_post(std::string client_id, secret client_secret);

    /// Sends a token in `Authorization: Bearer`, for a gateway in front of the service (RFC 6750
    /// section 2.1).
    static client_authentication bearer(secret access_token);

    /// Signs an assertion with a key of which the service has the public half (RFC 7523 section 2.2). Each
    /// attempt sends a new one, as `client_assertion` with its `client_assertion_type`.
    static client_authentication private_key_jwt(std::string client_id, signing_key key,
                                                 assertion_options options = assertion_options());

    /// Returns the method.
    method which() const noexcept { return method_; }

    /// Returns the client's identifier, or an empty string if there is none.
    std::string const& client_id() const noexcept { return client_id_; }

    /// Returns the client secret, or the token of `bearer()`.
    secret const& credential() const noexcept { return credential_; }

    /// Returns the key of `private_key_jwt()`, or null if there is none.
    signing_key const* key() const noexcept { return signs_ ? &signs_->key : nullptr; }

    /// Returns the options of `private_key_jwt()`, or null if there are none.
    assertion_options const* assertion() const noexcept { return signs_ ? &signs_->options : nullptr; }

private:
    client_authentication(method, std::string client_id, secret credential);

    method method_;
    std::string client_id_;
    secret credential_;
    struct signer {
        signing_key key;
        assertion_options options;
    };
    std::shared_ptr<signer const> signs_;
};

/// One request to the token endpoint. A request may be sent any number of times. Copies share all contents,
/// and copying allocates no memory.
///
/// The setters check their arguments and throw `sts::error` of kind `config`. They can be chained on a
/// temporary or a named object. Only what was set is sent.
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class EQUINIX_STS_DECL exchange_request {
public:
    /// A further form field. The value is held as a secret, because it may be one.
    struct field {
        std::string name; ///< before encoding
        secret value;     ///< before encoding
    };

    /// Creates a token exchange (RFC 8693): `grant_type=urn:ietf:params:oauth:grant-type:token-exchange`.
    explicit exchange_request(subject_token token);

    /// Creates a token exchange that gets the subject token from a supplier at each exchange.
    explicit exchange_request(std::shared_ptr<subject_token_supplier> supplier);

    /// Creates a request with the client credentials grant (RFC 6749 section 4.4). Sets nothing else.
    static exchange_request client_credentials();

    /// Creates a request with the JWT bearer grant (RFC 7523 section 2.1). Sends the token as `assertion`,
    /// without its type. This presents a token of one service to another, as in identity chaining and with an
    /// `id_jag`.
    static exchange_request jwt_bearer(subject_token assertion);

    /// Creates a JWT bearer request that gets the assertion from a supplier at each exchange.
    /// `suppliers::exchange` supplies one from another service.
    static exchange_request jwt_bearer(std::shared_ptr<subject_token_supplier> supplier);

    /// Creates the request that the environment describes. Empty variables count as unset.
    ///
    /// If `EQUINIX_TOKEN_EXCHANGE_SCOPE` or the variable with the subject token is set, this is a token
    /// exchange with that scope. The subject token is in the variable that
    /// `EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR` names (or else in
    /// `EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN`), which is read at each exchange.
    ///
    /// Otherwise this is a client credentials request, with `EQUINIX_STS_CLIENT_ID` and
    /// `EQUINIX_STS_CLIENT_SECRET` in `Authorization: Basic`. It has no scope; `.scope(...)` adds one.
    ///
    /// `EQUINIX_API_CLIENTID` and `EQUINIX_API_CLIENTSECRET` are not read: they are credentials for another
    /// service, at another host.
    ///
    /// \throws sts::error of kind `config`, with the variable at fault and how to correct it; also for a
    ///         token exchange without a scope, which the service refuses. The exchange, not this function,
    ///         reports a missing subject token, because the variable may be set later.
    static exchange_request from_environment();

    /// Creates the request that the environment describes, with `what` in place of the variable's scope.
    static exchange_request from_environment(sts::scope what);

    /// Adds a subject token to a client credentials request, as the service's SDK allows, or replaces the
    /// subject token or the assertion.
    exchange_request& subject(subject_token token) &;
    exchange_request&& subject(subject_token token) && { return std::move(subject(std::move(token))); }

    /// Sets a supplier of the subject token, which is called at each exchange. Throws if it is null.
    exchange_request& subject(std::shared_ptr<subject_token_supplier> supplier) &;
    exchange_request&& subject(std::shared_ptr<subject_token_supplier> supplier) && {
        return std::move(subject(std::move(supplier)));
    }

    /// Sets the scope of the access token (RFC 6749 section 3.3).
    exchange_request& scope(sts::scope value) &;
    exchange_request&& scope(sts::scope value) && { return std::move(scope(std::move(value))); }

    /// Adds a resource where the token will be used, as an absolute URI without a fragment (RFC 8693
    /// section 2.1). May be called several times.
    exchange_request& resource(std::string_view uri) &;
    exchange_request&& resource(std::string_view uri) && { return std::move(resource(uri)); }

    /// Adds the logical name of a service where the token will be used (RFC 8693 section 2.1). May be called
    /// several times.
    exchange_request& audience(std::string_view name) &;
    exchange_request&& audience(std::string_view name) && { return std::move(audience(name)); }

    /// Sets the type of the requested token, one of `token_types` (RFC 8693 section 2.1).
    exchange_request& requested_token_type(std::string_view type) &;
    exchange_request&& requested_token_type(std::string_view type) && {
        return std::move(requested_token_type(type));
    }

    /// Sets the party that acts for the subject (RFC 8693 section 2.1). Sends `actor_token` and
    /// `actor_token_type`.
    exchange_request& actor(subject_token token) &;
    exchange_request&& actor(subject_token token) && { return std::move(actor(std::move(token))); }

    /// Adds any other form field. Names that other setters write are refused, except `resource` and
    /// `audience`. Every other name may be added once (RFC 6749 section 3.2). An empty value is refused,
    /// because it means the same as an absent field.
    exchange_request& parameter(std::string name, secret value) &;

    /// Adds a form field from a text, which is copied.
    exchange_request& parameter(std::string name, std::string_view value) & {
        return parameter(std::move(name), secret(value));
    }
    exchange_request&& parameter(std::string name, secret value) && {
        return std::move(parameter(std::move(name), std::move(value)));
    }
    exchange_request&& parameter(std::string name, std::string_view value) && {
        return std::move(parameter(std::move(name), secret(value)));
    }

    /// Sets how the client itself authenticates. Default: no authentication.
    exchange_request& authentication(client_authentication how) &;
    exchange_request&& authentication(client_authentication how) && {
        return std::move(authentication(std::move(how)));
    }

    /// Requests a token that is bound to a key (DPoP, RFC 9449 section 5). Each attempt sends a new proof.
    /// If the service asks for a nonce, the request is repeated with it immediately; this does not count as
    /// an attempt. `token::proof()` makes the proofs for calls that present the token.
    ///
    /// Tokens that are bound to a key are not shared with other processes.
    exchange_request& proof(signing_key key, dpop_binding binding = dpop_binding::preferred) &;
    exchange_request&& proof(signing_key key, dpop_binding binding = dpop_binding::preferred) && {
        return std::move(proof(std::move(key), binding));
    }

    /// Sets the bound on the whole exchange, including the wait for a connection. Default:
    /// `client_options::timeout`. Must be positive.
    exchange_request& timeout(std::chrono::nanoseconds bound) &;
    exchange_request&& timeout(std::chrono::nanoseconds bound) && { return std::move(timeout(bound)); }

    /// Sets a number that identifies this request in the observer's events (`event::tag`). It is not sent and
    /// is not part of a cache's key. Default 0.
    exchange_request& tag(std::uint64_t number) &;
    exchange_request&& tag(std::uint64_t number) && { return std::move(tag(number)); }

    /// Returns the grant. (A reference that one of these functions returns is valid until the next setter,
    /// assignment or move.)
    grant_type grant() const noexcept { return settings().grant; }

    /// Returns `grant() == grant_type::token_exchange`.
    bool is_token_exchange() const noexcept { return grant() == grant_type::token_exchange; }

    /// Returns the type set by `requested_token_type()`, or the type of an access token if it was not called.
    std::string_view expected_token_type() const noexcept;

    /// Returns the subject token or the assertion, or nothing if there is none or a supplier provides it.
    std::optional<subject_token> const& subject() const noexcept { return settings().subject; }

    /// Returns the supplier of the subject token or assertion, or null if there is none.
    std::shared_ptr<subject_token_supplier> const& supplier() const noexcept { return settings().supplier; }

    /// Returns the scope, if one was set.
    std::optional<sts::scope> const& scope() const noexcept { return settings().scope; }

    /// Returns the actor, if one was set.
    std::optional<subject_token> const& actor() const noexcept { return settings().actor; }

    /// Returns the further fields in the order in which they were set: `resource`, `audience`, ...
    std::vector<field> const& parameters() const noexcept { return settings().parameters; }

    /// Returns how the client authenticates.
    client_authentication const& authentication() const noexcept { return settings().authentication; }

    /// Returns the key that `proof()` set, if any.
    std::optional<signing_key> const& proof_key() const noexcept { return settings().proof_key; }

    /// Returns what `proof()` set.
    dpop_binding binding() const noexcept { return settings().binding; }

    /// Returns the number that `tag()` set.
    std::uint64_t tag() const noexcept { return settings().tag; }

    /// Returns the bound that `timeout()` set, if any.
    std::optional<std::chrono::nanoseconds> timeout() const noexcept { return settings().timeout; }

private:
    /// Immutable once shared: a setter replaces it with a changed copy.
    struct fields {
        std::optional<subject_token> subject; ///< at most one of these two
        std::shared_ptr<subject_token_supplier> supplier;
        std::optional<sts::scope> scope;
        std::optional<subject_token> actor;
        std::vector<field> parameters;
        client_authentication authentication = client_authentication::none();
        std::optional<signing_key> proof_key;
        dpop_binding binding = dpop_binding::preferred;
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
