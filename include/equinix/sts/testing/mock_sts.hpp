/// \file
/// A token service for tests: real TLS on loopback, really signed tokens, every byte of a request checked.
/// Link `equinix::sts_testing`. Nothing here is meant for production.
#pragma once

#include <equinix/sts/abi.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts::testing {

/// The algorithm of a token's signature (RFC 7518 section 3.1).
enum class signature_algorithm {
    es256, ///< ECDSA on P-256
    rs256  ///< RSA with 2,048 bits
};

/// The claims of an ID token to be minted, by default ones that the mock accepts.
class id_token_claims {
public:
    id_token_claims() = default;

    id_token_claims& algorithm(signature_algorithm value); ///< default ES256
    id_token_claims& issuer(std::string value);            ///< `iss`; default the mock's own
    id_token_claims& audience(std::string value);          ///< `aud`; default the mock's own
    id_token_claims& subject(std::string value);           ///< `sub`; default `"workload"`
    id_token_claims&
    lifetime(std::chrono::seconds value); ///< `exp` from now; default 10 min, may be negative
    id_token_claims& valid_in(std::chrono::seconds value);       ///< `nbf` from now; default 0
    id_token_claims& key_id(std::string value);                  ///< `kid`; default the signing key's
    id_token_claims& forged(bool value = true);                  ///< signed with a key that nobody knows
    id_token_claims& claim(std::string name, std::string value); ///< a further claim, a string

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

/// How the mock treats one request, other than by the rules.
///
/// Made by one of the functions below, then adjusted: `mock_answer::error(503, "").header("Retry-After",
/// "2")`.
class mock_answer {
public:
    /// What the rules say. With the setters below it can still come late, or be cut.
    static mock_answer genuine();

    /// A status with an OAuth error object (RFC 6749 section 5.2); no object when `error` is empty.
    static mock_answer error(unsigned status, std::string_view error, std::string_view description = "");

    /// Any status and body, `Content-Length` set.
    static mock_answer with(unsigned status, std::string body, std::string content_type = "application/json");

    /// These bytes and nothing else, in place of a head and a body. The connection stays open unless told
    /// otherwise.
    static mock_answer raw(std::string bytes);

    /// Another status.
    mock_answer& status(unsigned value);

    /// A header field more, in place of one of that name by the rules.
    mock_answer& header(std::string name, std::string value);

    /// Another body; `Content-Length` follows.
    mock_answer& body(std::string value);

    /// Wait before the first byte.
    mock_answer& delay(std::chrono::milliseconds value);

    /// Answer only after `mock_sts::release()`.
    mock_answer& hold();

    /// Send the answer in pieces of this many bytes, each in a TLS record of its own.
    mock_answer& pieces(std::size_t bytes);

    /// End the connection in order, with TLS close_notify, once so many bytes of the answer were sent; all of
    /// them by default.
    mock_answer& close_after(std::size_t bytes = std::size_t(-1));

    /// The same by closing the socket alone.
    mock_answer& cut_after(std::size_t bytes = std::size_t(-1));

    /// The same by a TCP reset.
    mock_answer& reset_after(std::size_t bytes = std::size_t(-1));

private:
    friend class mock_server;
    enum class ending { keep, close, cut, reset };

    mock_answer() = default;
    mock_answer& end(ending how, std::size_t bytes);

    bool genuine_ = false;
    bool held_ = false;
    std::optional<unsigned> status_;
    std::optional<std::string> body_, raw_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::chrono::milliseconds delay_{0};
    std::size_t pieces_ = 0;
    ending ending_ = ending::keep;
    std::size_t end_after_ = std::size_t(-1);
};

/// How a mock is set up. Set members on a named object.
struct mock_options {
    mock_options() = default;

    /// The port on 127.0.0.1; 0 for any free one.
    std::uint16_t port = 0;

    /// The path of the token operation; others are answered 404.
    std::string path = "/use/token";

    /// Who it is: `iss` of its tokens, and the audience that an assertion must name which another service
    /// issued.
    std::string identifier = "https://sts.example.test";

    /// Who issues the ID tokens.
    std::string issuer = "https://idp.example.test";

    /// Whom they must name as their audience.
    std::string audience = "equinix-sts";

    /// The one client that may use `client_credentials`, by form fields or by Basic.
    std::string client_id = "mock-client";

    /// Its secret.
    std::string client_secret = "mock-secret";

    /// When set, every request must carry it as `Authorization: Bearer`.
    std::string bearer;

    /// `expires_in` of the access tokens.
    std::chrono::seconds lifetime = std::chrono::hours(1);

    /// The names and addresses in the server's certificate. `DNS:` before an address has it written as a
    /// name.
    std::vector<std::string> certificate_names = {"localhost", "127.0.0.1", "::1"};

    /// The server's certificate (with those between it and its authority) as PEM, in place of one made for
    /// these names: for several services under one authority, or one that comes back. With its key or not at
    /// all; `ca_pem()` is then empty.
    std::string certificate_pem;

    /// The key that belongs to it.
    std::string key_pem;
};

/// A running token service on 127.0.0.1, with a thread of its own.
///
/// It issues ID tokens as an OIDC provider does (`id_token()`), and answers a token request by the rules of
/// RFC 6749, RFC 7523 (the JWT bearer grant) and RFC 8693, for access tokens, `id_jag` and
/// `txn_token`; a scope is required, as the service does in practice. It checks method, path, media type,
/// each form field and doubled ones, the grant, the client's authentication, and the ID token's signature,
/// key id, issuer, audience, `exp` and `nbf`. The access tokens are JWTs (ES256) with `iss`, `sub`, `scope`,
/// `iat`, `exp` and a `jti` of their own.
///
/// Thread-safety: every function may be called from any thread. The destructor ends connections and joins the
/// thread. A failure to start throws `std::runtime_error`.
class mock_sts {
public:
    /// Serves from now on.
    explicit mock_sts(mock_options options = mock_options());
    mock_sts(mock_sts const&) = delete;
    mock_sts& operator=(mock_sts const&) = delete;
    ~mock_sts();

    /// The port on 127.0.0.1.
    std::uint16_t port() const noexcept;

    /// The whole endpoint, `https://localhost:<port><path>`.
    std::string url() const;

    /// The certificate of the authority that the mock made for itself, for `client_options::tls.ca_pem`;
    /// empty when it was given a certificate.
    std::string const& ca_pem() const noexcept;

    /// The certificate that it shows, as PEM: for another server of the test, under the same authority.
    std::string const& certificate_pem() const noexcept;

    /// The key that belongs to it.
    std::string const& key_pem() const noexcept;

    /// Mints an ID token that the mock accepts, or not, as the claims say.
    std::string id_token(id_token_claims const& claims = id_token_claims()) const;

    /// Accepts from now on the tokens of another mock, as subject tokens and as assertions, as well as its
    /// own: for chains of services. One that names an audience must name this mock's `identifier`.
    void trust(mock_sts const& other);

    /// The claims of an access token that this mock issued, as JSON text; nothing when it did not, or when
    /// the token has expired.
    std::optional<std::string> claims(std::string_view access_token) const;

    /// The answer to the next request that has none yet. Several are used up in their order. A HEAD, which
    /// asks for no token, takes none of them.
    void next(mock_answer answer);

    /// The answer to every request for which `next` gave none; nothing goes back to the rules.
    void always(std::optional<mock_answer> answer);

    /// Lets held answers go, and those that will be held.
    void release();

    /// How many requests were wholly received.
    std::size_t requests() const;

    /// Waits until so many requests were wholly received. False when the time is over before.
    bool wait_for_requests(std::size_t count,
                           std::chrono::milliseconds at_most = std::chrono::seconds(30)) const;

    /// How many TCP connections were accepted.
    std::size_t connections() const;

    /// How many TLS handshakes completed.
    std::size_t handshakes() const;

    /// The exact bytes of each request, head and body, in the order of their coming; the last 10,000 are
    /// kept.
    std::vector<std::string> raw_requests() const;

    /// Closes every connection that waits for a request, as a server does with idle ones. None that is opened
    /// after this returns is meant.
    void close_idle_connections();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace equinix::sts::testing
