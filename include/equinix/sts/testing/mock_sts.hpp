/// \file
/// A token service for tests: it uses real TLS on loopback, signs its tokens, and checks every byte of a
/// request. Link `equinix::sts_testing`. Not for production.
#pragma once

#include <equinix/sts/abi.hpp>
#include <equinix/sts/testing/proof_verifier.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A mock of the service, and what tests need with it.
namespace equinix::sts::testing {

/// The signature algorithm of a token (RFC 7518 section 3.1).
enum class signature_algorithm {
    es256, ///< ECDSA on P-256
    rs256  ///< RSA with 2,048 bits
};

/// The claims of an ID token to issue. By default the mock accepts the token.
///
/// Each setter returns the object, so calls can be chained. They throw only std::bad_alloc.
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class id_token_claims {
public:
    id_token_claims() = default;

    id_token_claims& algorithm(signature_algorithm value); ///< default ES256
    id_token_claims& issuer(std::string value);            ///< `iss`; default `mock_options::issuer`
    id_token_claims& audience(std::string value);          ///< `aud`; default `mock_options::audience`
    id_token_claims& subject(std::string value);           ///< `sub`; default `"workload"`
    id_token_claims&
    lifetime(std::chrono::seconds value); ///< `exp` from now; default 10 min, may be negative
    id_token_claims& valid_in(std::chrono::seconds value); ///< `nbf` from now; default 0
    id_token_claims& key_id(std::string value);            ///< `kid`; default the signing key's
    id_token_claims& forged(bool value = true);            ///< signs with a key that the mock does not know
    id_token_claims& claim(std::string name, std::string value); ///< adds a claim, a string

private:
    friend class mock_sts;
    signature_algorithm algorithm_ = signature_algorithm::es256;
    std::optional<std::string> issuer_, audience_, key_id_;
    std::string subject_ = "workload";
    std::chrono::seconds lifetime_ = std::chrono::minutes(10);
    std::chrono::seconds valid_in_ = std::chrono::seconds(0);
    bool forged_ = false;
    std::vector<std::pair<std::string, std::string>> more_;
};

/// How the mock responds to one request, if not by its rules.
///
/// Create it by one of the static functions, then adjust it:
/// `mock_answer::error(503, "").header("Retry-After", "2")`. The functions throw only std::bad_alloc.
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class mock_answer {
public:
    /// Creates the response that the rules give. The setters below can still delay or truncate it.
    static mock_answer genuine();

    /// Creates a response with a status and an OAuth error object (RFC 6749 section 5.2), or with no object
    /// if `error` is empty.
    static mock_answer error(unsigned status, std::string_view error, std::string_view description = "");

    /// Creates a response with any status and body. Sets `Content-Length`.
    static mock_answer with(unsigned status, std::string body, std::string content_type = "application/json");

    /// Creates a response of these bytes only, in place of a head and a body. The connection stays open
    /// unless a setter ends it. Over HTTP/2 the stream is reset, because HTTP/2 has no such bytes.
    static mock_answer raw(std::string bytes);

    /// Resets the HTTP/2 stream of the request with this code (RFC 9113 section 7) in place of a response, as
    /// in `stream_reset(7)`, REFUSED_STREAM. Over HTTP/1.1 the connection is closed.
    static mock_answer stream_reset(std::uint32_t code);

    /// Sets another status.
    mock_answer& status(unsigned value);

    /// Adds a header field, in place of the one of that name that the rules give.
    mock_answer& header(std::string name, std::string value);

    /// Sets another body. `Content-Length` is adjusted.
    mock_answer& body(std::string value);

    /// Waits before the first byte.
    mock_answer& delay(std::chrono::milliseconds value);

    /// Responds only after `mock_sts::release()`.
    mock_answer& hold();

    /// The same, and until then nothing else is read or written on this connection, not even HTTP/2's
    /// automatic answers.
    mock_answer& hold_connection();

    /// Sends the response in pieces of this many bytes, each in a TLS record of its own.
    mock_answer& pieces(std::size_t bytes);

    /// Closes the connection cleanly, with TLS close_notify, after `bytes` bytes of the response; by default
    /// after all of them.
    mock_answer& close_after(std::size_t bytes = std::size_t(-1));

    /// Closes the socket only, without close_notify, after `bytes` bytes of the response; by default after
    /// all of them.
    mock_answer& cut_after(std::size_t bytes = std::size_t(-1));

    /// Resets the TCP connection after `bytes` bytes of the response; by default after all of them.
    mock_answer& reset_after(std::size_t bytes = std::size_t(-1));

private:
    friend class mock_server;
    enum class ending { keep, close, cut, reset };

    mock_answer() = default;
    mock_answer& end(ending how, std::size_t bytes);

    bool genuine_ = false;
    bool held_ = false;
    bool silent_ = false;
    std::optional<unsigned> status_;
    std::optional<std::string> body_, raw_;
    std::optional<std::uint32_t> stream_reset_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::chrono::milliseconds delay_{0};
    std::size_t pieces_ = 0;
    ending ending_ = ending::keep;
    std::size_t end_after_ = std::size_t(-1);
};

/// The options of a mock. Set members on a named object.
struct mock_options {
    mock_options() = default;

    /// The port on 127.0.0.1. Default 0: any free port.
    std::uint16_t port = 0;

    /// Whether it speaks HTTP/2 with clients that offer it, if the library was built with nghttp2. Default:
    /// HTTP/1.1 alone, whose requests `mock_sts::raw_requests` returns as they were sent.
    bool http2 = false;

    /// How many streams it takes at a time on an HTTP/2 connection. Default 128.
    std::uint32_t max_streams = 128;

    /// The path of the token operation. Default `/use/token`. Requests for other paths get status 404.
    std::string path = "/use/token";

    /// The identifier of the mock: `iss` of its tokens, and the audience that an assertion from another
    /// service must name.
    std::string identifier = "https://sts.example.test";

    /// The issuer of the ID tokens.
    std::string issuer = "https://idp.example.test";

    /// The audience that ID tokens must name.
    std::string audience = "equinix-sts";

    /// The only client that may use `client_credentials`: by form fields, by Basic, or by assertions.
    std::string client_id = "mock-client";

    /// The secret of that client.
    std::string client_secret = "mock-secret";

    /// The bearer token that every request must carry as `Authorization: Bearer`. Default: none is required.
    std::string bearer;

    /// The public key of that client as a JWK (`signing_key::public_jwk()`), if it may authenticate by signed
    /// assertions (RFC 7523 section 2.2). Their audience is the URL of the token endpoint or `identifier`.
    std::string client_jwk;

    /// The rules for the proof of possession (DPoP, RFC 9449) of a request, if it has one.
    proof_rules proofs;

    /// Whether every request must have a proof. Default: no.
    bool proof_required = false;

    /// Whether the tokens of requests with a proof are bound to its key. Default: yes. Otherwise their type
    /// is `Bearer`.
    bool binds_tokens = true;

    /// The status of an answer that asks for a nonce: 400, with the error in the body, or 401, with the error
    /// only in `WWW-Authenticate`. Default 400.
    unsigned nonce_status = 400;

    /// The lifetime (`expires_in`) of the access tokens. Default 1 h.
    std::chrono::seconds lifetime = std::chrono::hours(1);

    /// The names and addresses in the server's certificate. `DNS:` before an address enters it as a name.
    /// Default: `localhost` and the loopback addresses.
    std::vector<std::string> certificate_names = {"localhost", "127.0.0.1", "::1"};

    /// The server's certificate (with the intermediate certificates) as PEM, in place of one that is created
    /// for these names: for several services under one authority, or for a service that restarts. Set it
    /// together with `key_pem`; `ca_pem()` is then empty.
    std::string certificate_pem;

    /// The private key of `certificate_pem`, as PEM.
    std::string key_pem;
};

/// A running token service on 127.0.0.1, with its own thread.
///
/// It issues ID tokens as an OIDC provider does (`id_token()`), and responds to token requests by the rules
/// of RFC 6749, RFC 7523 (the JWT bearer grant) and RFC 8693. It issues access tokens, `id_jag` and
/// `txn_token`. A scope is required, as the service requires one in practice.
///
/// It checks the method, path, media type, each form field and duplicates, the grant, the client's
/// authentication, the ID token's signature, key id, issuer, audience, `exp` and `nbf`, and proofs of
/// possession and client assertions, if a request has them. The access tokens are JWTs (ES256) with `iss`,
/// `sub`, `scope`, `iat`, `exp` and a unique `jti`.
///
/// Functions throw only std::bad_alloc, unless stated otherwise.
///
/// Thread-safety: any thread may call any function. The destructor closes the connections and joins the
/// thread.
class mock_sts {
public:
    /// Starts the service.
    ///
    /// \throws std::runtime_error if it cannot start.
    explicit mock_sts(mock_options options = mock_options());
    mock_sts(mock_sts const&) = delete;
    mock_sts& operator=(mock_sts const&) = delete;
    ~mock_sts();

    /// Returns the port on 127.0.0.1.
    std::uint16_t port() const noexcept;

    /// Returns the URL of the endpoint, `https://localhost:<port><path>`.
    std::string url() const;

    /// Returns the certificate of the authority that the mock created, for `client_options::tls.ca_pem`.
    /// Empty if the options contain a certificate.
    std::string const& ca_pem() const noexcept;

    /// Returns the server's certificate as PEM, for another server of the test under the same authority.
    std::string const& certificate_pem() const noexcept;

    /// Returns the private key of that certificate, as PEM.
    std::string const& key_pem() const noexcept;

    /// Issues an ID token. The claims determine whether the mock accepts it.
    std::string id_token(id_token_claims const& claims = id_token_claims()) const;

    /// Accepts tokens of another mock from now on, in addition to its own, as subject tokens and assertions:
    /// for chains of services. A token that names an audience must name this mock's `identifier`.
    void trust(mock_sts const& other);

    /// Returns the claims of an access token that this mock issued, as JSON text. Returns nothing if the mock
    /// did not issue it or it has expired.
    std::optional<std::string> claims(std::string_view access_token) const;

    /// Sets the response to the next request that has none yet. Several responses are used in order. A HEAD
    /// request, which requests no token, uses none of them.
    void next(mock_answer answer);

    /// Sets the response to every request for which `next()` set none. Without a value, the rules apply
    /// again.
    void always(std::optional<mock_answer> answer);

    /// Releases held responses, and responses that are held later.
    void release();

    /// Returns the number of requests that were received completely.
    std::size_t requests() const;

    /// Blocks until `count` requests were received completely. Returns false if `at_most` passes first.
    bool wait_for_requests(std::size_t count,
                           std::chrono::milliseconds at_most = std::chrono::seconds(30)) const;

    /// Returns the number of TCP connections accepted.
    std::size_t connections() const;

    /// Returns the number of TLS handshakes completed.
    std::size_t handshakes() const;

    /// Returns the exact bytes of each request, head and body, in order of arrival. The last 10,000 are kept.
    std::vector<std::string> raw_requests() const;

    /// Closes every connection that waits for a request, as a server does with idle ones. Connections that
    /// are opened after this returns are not affected.
    void close_idle_connections();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace equinix::sts::testing
