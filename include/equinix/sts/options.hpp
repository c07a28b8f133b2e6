/// \file
/// How a client behaves.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/observer.hpp>
#include <equinix/sts/proxy.hpp>
#include <equinix/sts/retry.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/tls_options.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace equinix::sts {

/// When a success without `issued_token_type` is refused.
enum class issued_token_type_policy {
    by_grant, ///< required in a token exchange (RFC 8693), optional for client credentials (RFC 6749)
    require,  ///< always required
    ignore    ///< neither required nor compared
};

/// The protocol that a client speaks with the service. The server chooses by ALPN (RFC 7301) from what is
/// offered.
enum class http_version {
    automatic, ///< HTTP/2 if the server chooses it, otherwise HTTP/1.1
    http1,     ///< HTTP/1.1 only
    http2      ///< HTTP/2 only: opening a connection to a server that does not choose it fails
};

/// The members of `client_options::pool`, checked with it.
struct pool_options {
    pool_options() = default;

    /// The maximum number of connections at a time, including those being opened. Default 64; at least 1.
    std::size_t max_connections = 64;

    /// The maximum number of connections being opened at a time. Default 16; at least 1. A handshake takes
    /// memory and CPU, so many at a time gain nothing.
    std::size_t max_opening = 16;

    /// The maximum number of exchanges that wait for a connection. A further one fails immediately with kind
    /// `limit`. Default 4,096; at least 1.
    std::size_t max_waiters = 4096;

    /// How long an idle connection is kept. Default 50 s, below the 60 s of usual load balancers; positive.
    std::chrono::nanoseconds idle_timeout = std::chrono::seconds(50);

    /// The age at which a connection is no longer used, so that a change in DNS is noticed. Default 5 min;
    /// positive.
    std::chrono::nanoseconds max_age = std::chrono::minutes(5);

    /// How many exchanges a connection serves at most. Default 0: no limit.
    std::size_t max_uses = 0;

    /// The maximum number of exchanges at a time on an HTTP/2 connection. The server may allow fewer. Default
    /// 100; at least 1. When all are in use, another connection is opened.
    std::size_t max_streams = 100;
};

/// The members of `client_options::limits`, checked with it.
struct limit_options {
    limit_options() = default;

    /// The largest header of an answer in bytes. Default 16 KiB; 1 KiB to 1 MiB.
    std::size_t max_head = std::size_t(16) * 1024;

    /// The largest body of an answer in bytes. Default 1 MiB; 1 KiB to 64 MiB.
    std::size_t max_body = std::size_t(1024) * 1024;
};

/// The options of a `client`. Set members on a named object; the client checks them once, on construction,
/// and throws `sts::error` of kind `config`, which names the member.
struct EQUINIX_STS_DECL client_options {
    client_options() = default;

    /// Returns the defaults, changed by these variables if they are set and not empty:
    /// `EQUINIX_STS_ENDPOINT`, the service's base URL, to which `/use/token` is added unless it ends with
    /// `/token` already; `EQUINIX_API_TIMEOUT`, `timeout` in whole seconds. Proxies are not among them: see
    /// `proxy::from_environment`.
    ///
    /// \throws sts::error of kind `config`, naming the variable.
    static client_options from_environment();

    /// The token endpoint. Default: the service's public one.
    sts::endpoint endpoint;

    /// The proxy to tunnel through. Default: none. `proxy::from_environment(endpoint)` returns the one that
    /// the environment names.
    std::optional<sts::proxy> proxy;

    /// Further header fields of the request for a tunnel (CONNECT), for a proxy that requires them. Only
    /// the proxy receives them. They are checked like `headers`, but the values are secrets. One may be
    /// `Proxy-Authorization`, for credentials other than `Basic`, if the proxy's URL has none. Default:
    /// none. Not sent without a proxy.
    std::vector<std::pair<std::string, secret>> proxy_headers;

    /// The bound on a whole exchange, with all its attempts and the waits between them: waiting for a
    /// connection, resolving, connecting, TLS, sending and reading. Default 30 s; positive. A request may
    /// carry its own.
    std::chrono::nanoseconds timeout = std::chrono::seconds(30);

    /// The bound on opening a connection: resolving, TCP, proxy and TLS. Default 5 s; positive.
    std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);

    /// The bound on one attempt, from its connection to its whole answer. Default 10 s; positive.
    std::chrono::nanoseconds attempt_timeout = std::chrono::seconds(10);

    /// How failed attempts are retried.
    sts::retry_options retry;

    /// The bound of `client::shutdown()` on exchanges in flight. Default 5 s; not negative.
    std::chrono::nanoseconds shutdown_timeout = std::chrono::seconds(5);

    /// The authorities that the client trusts, and the certificate that it presents if the service requests
    /// one.
    sts::tls_options tls;

    /// The protocol. Default: what the server chooses. HTTP/2 (RFC 9113) carries many exchanges on one
    /// connection. It needs a library that was built with nghttp2: without it `automatic` means HTTP/1.1, and
    /// `http2` is refused.
    sts::http_version http = http_version::automatic;

    /// How many connections there are, and how long they are kept.
    sts::pool_options pool;

    /// How large an answer may be.
    sts::limit_options limits;

    /// Your product, sent in the `User-Agent` header before ours, as in `"billing/2.1"` (RFC 9110
    /// section 10.1.5), to the endpoint and to a proxy. Printable ASCII. Default: ours alone.
    std::string user_agent;

    /// Further header fields of each request. Names are tokens (RFC 9110 section 5.6.2), values printable
    /// ASCII and tabs; the fields that this client writes itself (`Host`, `Content-Length`, ...) are refused.
    std::vector<std::pair<std::string, std::string>> headers;

    /// When a success without `issued_token_type` is refused. Default: by the grant.
    sts::issued_token_type_policy issued_token_type = issued_token_type_policy::by_grant;

    /// Receives the events of the client, and of the token sources and caches on top of it. Default: none,
    /// which costs nothing.
    sts::observer observer;

    /// Whether the client may be used from several threads, or on an `io_context` that several threads run.
    /// Default true. If false, its locks do nothing: use one client per thread. The library still looks up
    /// names on a thread of its own, so the `io_context` must not be one with
    /// `BOOST_ASIO_CONCURRENCY_HINT_UNSAFE`.
    bool thread_safe = true;
};

} // namespace equinix::sts
