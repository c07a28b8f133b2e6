#include "net/tls_session_cache.hpp"

#include "base/lock.hpp"

#include <openssl/x509.h>

#include <ctime>
#include <new>

namespace equinix::sts::net {
namespace {

/// A server sends about two with each handshake, and each is used once.
constexpr std::size_t most_sessions = 32;

std::time_t begun(SSL_SESSION const* session) noexcept {
#if OPENSSL_VERSION_PREREQ(3, 3)
    return SSL_SESSION_get_time_ex(session);
#else
    return SSL_SESSION_get_time(session);
#endif
}

bool is_good(SSL_SESSION* session) noexcept {
    if (SSL_SESSION_is_resumable(session) != 1) return false;
    if (begun(session) + SSL_SESSION_get_timeout(session) <= std::time(nullptr)) return false;
    // Resumption presents no certificate: one that has expired since must not live on in its tickets.
    auto const* const certificate = SSL_SESSION_get0_peer(session);
    return certificate != nullptr && X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

} // namespace

base::openssl_ptr<SSL_SESSION> tls_session_cache::take() noexcept {
    base::mutex_lock const lock(mutex_);
    while (!sessions_.empty()) {
        auto* const newest = sessions_.back().get();
        if (is_good(newest) && SSL_SESSION_get_protocol_version(newest) < TLS1_3_VERSION)
            return base::openssl_ptr<SSL_SESSION>(SSL_SESSION_dup(newest));
        auto taken = std::move(sessions_.back());
        sessions_.pop_back();
        if (is_good(taken.get())) return taken;
    }
    return nullptr;
}

void tls_session_cache::put(SSL_SESSION const* session) noexcept try {
    base::openssl_ptr<SSL_SESSION> own(SSL_SESSION_dup(session));
    if (own == nullptr) return;
    base::mutex_lock const lock(mutex_);
    sessions_.push_back(std::move(own));
    if (sessions_.size() > most_sessions) sessions_.pop_front();
} catch (std::bad_alloc const&) {
    return; // resumption is only an optimisation
}

void tls_session_cache::clear() noexcept {
    base::mutex_lock const lock(mutex_);
    sessions_.clear();
}

std::size_t tls_session_cache::size() const {
    base::mutex_lock const lock(mutex_);
    return sessions_.size();
}

} // namespace equinix::sts::net
