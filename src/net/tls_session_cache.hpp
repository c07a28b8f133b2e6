// TLS sessions that may be resumed. They belong to one endpoint, one identity and one set of authorities,
// because each TLS context has a cache of its own.
#pragma once

#include "base/lock.hpp"
#include "base/openssl_ptr.hpp"

#include <cstddef>
#include <deque>

namespace equinix::sts::net {

/// Bounded: the oldest is dropped first. Thread-safe if constructed so. It stores and returns copies:
/// connections share no session, which OpenSSL would free with the last of them.
class tls_session_cache {
public:
    explicit tls_session_cache(bool thread_safe) : mutex_(thread_safe) {}

    /// Returns the newest session that is still valid; null when there is none. A session of TLS 1.3 is
    /// returned only once, so that an observer cannot link two connections to the same client (RFC 8446
    /// appendix C.4).
    base::openssl_ptr<SSL_SESSION> take() noexcept;

    /// Forgets all sessions: the server did not accept one.
    void clear() noexcept;

    /// Stores a copy, unless memory runs out.
    void put(SSL_SESSION const* session) noexcept;

    std::size_t size() const;

private:
    mutable base::mutex mutex_;
    std::deque<base::openssl_ptr<SSL_SESSION>> sessions_ STS_GUARDED_BY(mutex_); // the oldest in front
};

} // namespace equinix::sts::net
