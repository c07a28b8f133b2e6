// TLS sessions that may be resumed: those of one endpoint, under one identity and one trust, since each TLS
// context has a cache of its own.
#pragma once

#include "base/lock.hpp"
#include "base/openssl_ptr.hpp"

#include <cstddef>
#include <deque>

namespace equinix::sts::net {

/// Bounded: the oldest goes first. Safe from any thread when made so. What it keeps and hands out are copies:
/// connections share no session, which OpenSSL would free with the last of them.
class tls_session_cache {
public:
    explicit tls_session_cache(bool thread_safe) : mutex_(thread_safe) {}

    /// The newest session that is still good; null when there is none. One of TLS 1.3 is handed out once, so
    /// that nobody on the way can tell two connections for the same client (RFC 8446 appendix C.4).
    base::openssl_ptr<SSL_SESSION> take() noexcept;

    /// Keeps a copy, unless memory is short.
    void put(SSL_SESSION const* session) noexcept;

    std::size_t size() const;

private:
    mutable base::mutex mutex_;
    std::deque<base::openssl_ptr<SSL_SESSION>> sessions_ STS_GUARDED_BY(mutex_); // the oldest in front
};

} // namespace equinix::sts::net
