// TLS over a non-blocking socket, in steps that never wait.
#pragma once

#include "net/socket_bio.hpp"
#include "net/tls_context.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace equinix::sts::net {

/// What a step came to.
enum class io_step {
    done,       ///< it is complete
    want_read,  ///< try again when the socket is readable
    want_write, ///< try again when the socket is writable
    eof,        ///< the peer ended the stream in order (close_notify)
    failed      ///< see `failure()`
};

struct io_result {
    io_step step;
    std::size_t bytes = 0;
};

/// Why a stream failed.
struct tls_failure {
    bool by_tls = false;            ///< the protocol or the certificate, not the transport
    boost::system::error_code code; ///< the system's reason, when the transport failed
    std::string message;            ///< what happened; of OpenSSL's words and numbers alone
};

/// Not movable: OpenSSL keeps pointers into it. The socket is not owned. One thread at a time.
class tls_stream {
public:
    /// `host` is a DNS name (also sent as server name) or, with `is_ip_address`, an address; either must be
    /// in the peer's certificate (RFC 9525), unless the context verifies nothing. Resumes a session of the
    /// context's cache where it has one. Throws `std::bad_alloc`.
    tls_stream(std::shared_ptr<tls_context const> context, int descriptor, std::string const& host,
               bool is_ip_address);

    io_step handshake();

    /// Reads at least one byte, or says why not.
    io_result read(std::span<char> into);

    /// Writes at least one byte, or says why not. After `want_*` the next call must begin with the same
    /// bytes.
    io_result write(std::span<char const> from);

    /// Whether bytes were received and not read yet.
    bool has_pending() const noexcept { return SSL_has_pending(ssl_.get()) == 1; }

    /// Tells the peer that this is the end, as far as that goes without waiting.
    void send_close_notify() noexcept;

    tls_failure const& failure() const noexcept { return failure_; }

    /// Whether the handshake resumed an earlier session.
    bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }

    /// What went over the socket so far.
    socket_traffic const& traffic() const noexcept { return socket_.traffic; }

private:
    static void note_message(int sent, int version, int type, void const* data, std::size_t size, SSL* ssl,
                             void* self);
    void begin_call() noexcept;
    io_step step_after(int returned);
    io_step fail(int ssl_error);

    std::shared_ptr<tls_context const> context_;
    socket_state socket_;
    openssl_ptr<SSL> ssl_;
    tls_failure failure_;
    bool handshaken_ = false;
    bool renegotiation_asked_ = false;
    unsigned unasked_messages_ = 0; ///< handshake messages received since the last application data
};

} // namespace equinix::sts::net
