#include "net/tls_context.hpp"

#include "base/openssl_failure.hpp"
#include "net/authorities.hpp"
#include "net/client_certificate.hpp"
#include "net/socket_bio.hpp"
#include "net/verify_chain.hpp"

namespace equinix::sts::net {
namespace {

/// Without nghttp2 there is only HTTP/1.1.
http_version possible([[maybe_unused]] http_version asked) noexcept {
#ifdef EQUINIX_STS_HAS_HTTP2
    return asked;
#else
    return http_version::http1;
#endif
}

} // namespace

tls_context::tls_context(tls_options const& options, bool thread_safe, std::chrono::nanoseconds read_timeout,
                         http_version http)
    : sessions_(thread_safe), transport_(make_socket_bio_method()),
      context_(SSL_CTX_new(TLS_client_method())), verifies_(!options.insecure_skip_verification),
      http_(possible(http)) {
    if (!context_ || !transport_) base::fail_by_openssl("create a TLS context");
    auto* const ctx = context_.get();
    // The system's policy (openssl.cnf) remains in force if it is stricter.
    if (SSL_CTX_get_min_proto_version(ctx) < TLS1_2_VERSION)
        SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    if (SSL_CTX_get_security_level(ctx) < 2) SSL_CTX_set_security_level(ctx, 2);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_keylog_callback(ctx, nullptr); // whatever the OpenSSL build reads from the environment
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, keep_session);
    SSL_CTX_set_app_data(ctx, this);
    SSL_CTX_set_verify(ctx, verifies_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_cert_verify_callback(ctx, verify_chain, nullptr);
    // RFC 5280 section 6.1.1 (c): any policy is acceptable, so that a path fails only because of what its
    // authorities require.
    auto* const verify = SSL_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_flags(verify, X509_V_FLAG_POLICY_CHECK);
    if (X509_VERIFY_PARAM_add0_policy(verify, OBJ_nid2obj(NID_any_policy)) != 1)
        base::fail_by_openssl("set up certificate verification");
    load_client_certificate(ctx, options, read_timeout);
    if (!options.ca_file.empty() || !options.ca_directory.empty() || !options.ca_pem.empty())
        load_authorities(ctx, options, read_timeout);
    else
        passed_over_ = load_system_authorities(ctx, read_timeout);
}

/// OpenSSL's callback for each session that could be resumed. Returning 0 means that we did not take
/// ownership.
int tls_context::keep_session(SSL* ssl, SSL_SESSION* session) noexcept {
    auto const* const self = static_cast<tls_context const*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    self->sessions_.put(session);
    return 0;
}

bool tls_context::replaces_certificate_of(tls_context const& other) const noexcept {
    auto const* const before = SSL_CTX_get0_certificate(other.native());
    auto const* const now = SSL_CTX_get0_certificate(native());
    return before != nullptr && (now == nullptr || X509_cmp(before, now) != 0);
}

} // namespace equinix::sts::net
