#include "net/tls_stream.hpp"

#include "base/openssl_failure.hpp"
#include "base/wiped.hpp"
#include "net/socket_bio.hpp"

#include <equinix/sts/error.hpp>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <string_view>

namespace equinix::sts::net {
namespace {

/// A handshake has fewer. After it, only a ticket or two and an occasional key update are received.
constexpr unsigned most_unasked_messages = 32;

/// The identity rules of RFC 9525 section 6: only subject alternative names, a wildcard only as the whole
/// leftmost label, addresses only against addresses.
bool expect_identity(SSL* ssl, std::string host, bool is_ip_address) {
    auto* const verify = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                                X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_ip_address) return X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str()) == 1;
    if (host.ends_with('.')) host.pop_back(); // the same name; certificates omit the dot
    return X509_VERIFY_PARAM_set1_host(verify, host.c_str(), host.size()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

bool is_unknown_authority(long verified) {
    return verified == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           verified == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           verified == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
           verified == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

/// The number, and the name if OpenSSL has it in one of its lists.
std::string name_of_alert(int reason) {
    auto const number = reason - SSL_AD_REASON_OFFSET;
    std::string_view name = SSL_alert_desc_string_long(number);
    auto const* const in_errors = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reason));
    if (name == "unknown" && in_errors != nullptr) name = in_errors;
    return std::to_string(number) + ": " + std::string(name);
}

/// ALPN (RFC 7301).
bool offer(SSL* ssl, http_version http) {
    constexpr std::string_view h2 = "\x02h2", http_1_1 = "\x08http/1.1", both = "\x02h2\x08http/1.1";
    auto const list = http == http_version::http1 ? http_1_1 : http == http_version::http2 ? h2 : both;
    return SSL_set_alpn_protos(ssl, reinterpret_cast<unsigned char const*>(list.data()), // NOLINT: its type
                               static_cast<unsigned>(list.size())) == 0;
}

/// RFC 9113 section 9.2.2 and appendix A: with TLS 1.2, only ephemeral keys and authenticated encryption.
bool is_fit_for_http2(SSL* ssl) {
    if (SSL_version(ssl) >= TLS1_3_VERSION) return true;
    auto const* const cipher = SSL_get_current_cipher(ssl);
    auto const keys = SSL_CIPHER_get_kx_nid(cipher);
    return SSL_CIPHER_is_aead(cipher) == 1 && (keys == NID_kx_ecdhe || keys == NID_kx_dhe);
}

} // namespace

tls_stream::tls_stream(std::shared_ptr<tls_context const> context, int descriptor, std::string const& host,
                       bool is_ip_address, bool resume, bool only_http1)
    : stream(descriptor), context_(std::move(context)), ssl_(SSL_new(context_->native())),
      http_(only_http1 ? http_version::http1 : context_->http()) {
    if (!ssl_) base::fail_by_openssl("start a TLS connection", phase::tls);
    input_.socket = &socket_;
    auto* const bio = make_socket_bio(context_->transport(), input_);
    if (bio == nullptr) base::fail_by_openssl("start a TLS connection", phase::tls);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_connect_state(ssl_.get());
    SSL_set_msg_callback(ssl_.get(), note_message);
    SSL_set_msg_callback_arg(ssl_.get(), this);
    if (!expect_identity(ssl_.get(), host, is_ip_address))
        base::fail_by_openssl("set the expected server name", phase::tls);
    if (!offer(ssl_.get(), http_)) base::fail_by_openssl("offer the protocols", phase::tls);
    if (!resume) return;
    if (auto const earlier = context_->sessions().take())
        offered_session_ = SSL_set_session(ssl_.get(), earlier.get()) == 1;
}

io_step tls_stream::handshake() {
    begin_call();
    receiving block(input_);
    auto const returned = SSL_do_handshake(ssl_.get());
    block.keep_rest();
    auto const step = step_after(returned);
    if (step != io_step::done) return step;
    // A resumed session carries the verdict on the certificate that it began with.
    if (context_->verifies() && SSL_get_verify_result(ssl_.get()) != X509_V_OK) return fail(SSL_ERROR_SSL);
    handshaken_ = true;
    unasked_messages_ = 0;
    return check_protocol();
}

/// A server without ALPN speaks HTTP/1.1.
io_step tls_stream::check_protocol() {
    unsigned char const* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
    std::string_view const chosen(reinterpret_cast<char const*>(protocol), size); // NOLINT: OpenSSL's type
    http2_ = chosen == "h2";
    if (http_ == http_version::http2 && !http2_)
        return refuse("the server does not speak HTTP/2: set client_options::http to automatic");
    if (http_ == http_version::http1 && size != 0 && chosen != "http/1.1")
        return refuse("the server chose a protocol other than http/1.1");
    if (size != 0 && !http2_ && chosen != "http/1.1")
        return refuse("the server chose a protocol that was not offered");
    if (http2_ && !is_fit_for_http2(ssl_.get()))
        return refuse("the server chose HTTP/2 with a cipher suite that RFC 9113 forbids");
    return io_step::done;
}

io_step tls_stream::refuse(std::string_view why) {
    failure_.by_tls = true;
    failure_.message = why;
    return io_step::failed;
}

io_result tls_stream::read(std::span<char> into) {
    begin_call();
    receiving block(input_);
    std::size_t count = 0;
    auto const returned = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
    block.keep_rest();
    if (returned == 1) unasked_messages_ = 0;
    return {returned == 1 ? io_step::done : step_after(returned), count};
}

io_result tls_stream::read_received(std::span<char> into) {
    input_.closed = true;
    auto const got = read(into);
    input_.closed = false;
    return got;
}

bool tls_stream::nothing_follows() {
    if (holds_nothing()) return true;
    std::array<char, std::size_t(16) * 1024> unasked; // NOLINT: filled by the read
    auto const got = read_received(unasked);
    base::wipe(unasked.data(), got.bytes);
    return got.step == io_step::want_read && holds_nothing();
}

void tls_stream::release_memory() noexcept {
    // OpenSSL would wipe the whole buffer, most of which is unused. What it returned from it is wiped.
    SSL_clear_options(ssl_.get(), SSL_OP_CLEANSE_PLAINTEXT);
    SSL_free_buffers(ssl_.get()); // does nothing while there is anything in them
    SSL_set_options(ssl_.get(), SSL_OP_CLEANSE_PLAINTEXT);
}

/// OpenSSL reports that it reads the body if a record's header is complete, and that something is pending if
/// it is not.
bool tls_stream::is_amid_a_record() const noexcept {
    return SSL_has_pending(ssl_.get()) != 0 || std::string_view(SSL_rstate_string(ssl_.get())) != "RH";
}

io_result tls_stream::write(std::span<char const> from) {
    begin_call();
    std::size_t count = 0;
    auto const returned = SSL_write_ex(ssl_.get(), from.data(), from.size(), &count);
    return {returned == 1 ? io_step::done : step_after(returned), count};
}

/// OpenSSL processes handshake messages in a loop of its own for as long as the peer sends them, and answers
/// a request for renegotiation with just a warning. Here both end the connection.
void tls_stream::note_message(int sent, int, int type, void const* data, std::size_t size, SSL*, void* self) {
    if (sent != 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
    auto& stream = *static_cast<tls_stream*>(self);
    if (stream.handshaken_ && *static_cast<unsigned char const*>(data) == SSL3_MT_HELLO_REQUEST)
        stream.renegotiation_asked_ = true;
    if (stream.renegotiation_asked_ || ++stream.unasked_messages_ > most_unasked_messages)
        stream.socket_.deaf = true;
}

/// Errors left in the queue by earlier calls must not be taken for the cause of this one's failure.
void tls_stream::begin_call() noexcept {
    if (ERR_peek_error() != 0) ERR_clear_error(); // peeking is far cheaper
    socket_.error = 0;
}

void tls_stream::say_goodbye() noexcept {
    if (!handshaken_ || !failure_.message.empty()) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

io_step tls_stream::step_after(int returned) {
    if (returned == 1) return io_step::done;
    switch (auto const why = SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return io_step::want_read;
    case SSL_ERROR_WANT_WRITE:
        return io_step::want_write;
    case SSL_ERROR_ZERO_RETURN:
        return io_step::eof;
    default:
        return fail(why);
    }
}

io_step tls_stream::fail(int ssl_error) {
    auto const queued = ERR_peek_error();
    if (socket_.deaf) {
        failure_.by_tls = true;
        failure_.message = renegotiation_asked_ ? "the peer requested a renegotiation"
                                                : "the peer sent too many TLS handshake messages";
    } else if (socket_.error != 0) {
        failure_.code = boost::system::error_code(socket_.error, boost::system::system_category());
        failure_.message = "the connection failed";
    } else if (ssl_error == SSL_ERROR_SYSCALL ||
               ERR_GET_REASON(queued) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        // After a failure of TLS that is all that OpenSSL says.
        if (!failure_.by_tls) failure_.message = "the peer ended the connection without TLS close_notify";
    } else {
        fail_by_tls(queued);
    }
    ERR_clear_error();
    return io_step::failed;
}

void tls_stream::fail_by_tls(unsigned long queued) {
    failure_.by_tls = true;
    // OpenSSL has a verdict even where nothing is verified, and that is not the cause of the failure.
    auto const verified = context_->verifies() ? SSL_get_verify_result(ssl_.get()) : long(X509_V_OK);
    if (!handshaken_ && verified != X509_V_OK) {
        failure_.code = {static_cast<int>(verified), certificate_category()};
        failure_.message = "the server's certificate was refused: " + failure_.code.message();
        if (is_unknown_authority(verified) && !context_->passed_over().empty())
            failure_.message += " (ignored: " + context_->passed_over() + ")";
        else if (is_unknown_authority(verified))
            failure_.message +=
                " (is its authority one of the system's, those of SSL_CERT_FILE if it is set, or in "
                "client_options::tls.ca_file?)";
    } else if (auto const reason = ERR_GET_REASON(queued); reason >= SSL_AD_REASON_OFFSET) {
        failure_.code = {reason - SSL_AD_REASON_OFFSET, tls_alert_category()};
        failure_.message = "the peer sent the TLS alert " + name_of_alert(reason);
    } else {
        auto const* const text = ERR_reason_error_string(queued);
        failure_.message = std::string("TLS failed: ") + (text != nullptr ? text : "no reason given");
    }
}

} // namespace equinix::sts::net
