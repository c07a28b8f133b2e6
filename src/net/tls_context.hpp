// The TLS settings that all connections of a client share.
#pragma once

#include "base/openssl_ptr.hpp"
#include "net/tls_session_cache.hpp"

#include <equinix/sts/options.hpp>
#include <equinix/sts/tls_options.hpp>

#include <chrono>
#include <string>

namespace equinix::sts::net {

/// Immutable once constructed; any number of threads may create streams from it. Not movable: its sessions
/// refer to it by address.
class tls_context {
public:
    /// Throws `error` of kind `config` when the files or texts of the options cannot be used. A file that is
    /// a pipe or a device is read for `read_timeout` at most.
    explicit tls_context(tls_options const& options, bool thread_safe = true,
                         std::chrono::nanoseconds read_timeout = std::chrono::seconds(30),
                         http_version http = http_version::http1);
    tls_context(tls_context const&) = delete;
    tls_context& operator=(tls_context const&) = delete;
    ~tls_context() = default;

    SSL_CTX* native() const noexcept { return context_.get(); }

    /// The transport beneath each stream: OpenSSL's own would raise SIGPIPE.
    BIO_METHOD const* transport() const noexcept { return transport_.get(); }

    tls_session_cache& sessions() const noexcept { return sessions_; }

    /// The protocol that its streams offer (ALPN, RFC 7301), unless they are to speak HTTP/1.1.
    http_version http() const noexcept { return http_; }

    /// Whether the peer's certificate is verified.
    bool verifies() const noexcept { return verifies_; }

    /// Whether the other one shows a client certificate that this one does not.
    bool replaces_certificate_of(tls_context const& other) const noexcept;

    /// What is wrong with a variable that should name authorities, while there are others; otherwise empty.
    std::string const& passed_over() const noexcept { return passed_over_; }

private:
    static int keep_session(SSL* ssl, SSL_SESSION* session) noexcept;

    mutable tls_session_cache sessions_;
    base::openssl_ptr<BIO_METHOD> transport_;
    base::openssl_ptr<SSL_CTX> context_; // last: its destruction may touch the others
    bool verifies_;
    http_version http_;
    std::string passed_over_;
};

} // namespace equinix::sts::net
