// TLS over a non-blocking socket, in steps that never wait.
#pragma once

#include "net/socket_bio.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace equinix::sts::net {

/// Not movable: OpenSSL keeps pointers into it.
class tls_stream final : public stream {
public:
    /// `host` is a DNS name (also sent as server name) or, with `is_ip_address`, an address. It must be in
    /// the peer's certificate (RFC 9525), unless the context verifies nothing. With `resume`, offers a
    /// session from the context's cache if there is one. With `only_http1`, offers HTTP/1.1 alone. Throws
    /// `std::bad_alloc`.
    tls_stream(std::shared_ptr<tls_context const> context, int descriptor, std::string const& host,
               bool is_ip_address, bool resume = true, bool only_http1 = false);

    io_step handshake() override;
    io_result read(std::span<char> into) override;
    io_result write(std::span<char const> from) override;
    io_result read_received(std::span<char> into) override;
    bool has_received() const noexcept override { return !input_.waiting.empty(); }
    bool is_amid_a_record() const noexcept override;
    bool nothing_follows() override;
    void release_memory() noexcept override;
    void say_goodbye() noexcept override; ///< sends close_notify
    bool speaks_http2() const noexcept override { return http2_; }
    bool offered_session() const noexcept override { return offered_session_; }
    bool resumed() const noexcept override { return SSL_session_reused(ssl_.get()) == 1; }

private:
    static void note_message(int sent, int version, int type, void const* data, std::size_t size, SSL* ssl,
                             void* self);
    io_step check_protocol();
    io_step refuse(std::string_view why);
    void begin_call() noexcept;
    io_step step_after(int returned);
    io_step fail(int ssl_error);
    void fail_by_tls(unsigned long queued); ///< the first of OpenSSL's errors

    std::shared_ptr<tls_context const> context_;
    socket_input input_;
    base::openssl_ptr<SSL> ssl_;
    http_version const http_; ///< what it offers
    bool http2_ = false;      ///< what the peer has chosen
    bool offered_session_ = false;
    bool handshaken_ = false;
    bool renegotiation_asked_ = false;
    unsigned unasked_messages_ = 0; ///< handshake messages received since the last application data
};

} // namespace equinix::sts::net
