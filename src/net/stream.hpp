// What an HTTP session needs of a connected socket: reads and writes, in steps that never wait.
#pragma once

#include "net/socket_io.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace equinix::sts::net {

/// The outcome of a step.
enum class io_step {
    done,       ///< it is complete
    want_read,  ///< try again when the socket is readable
    want_write, ///< try again when the socket is writable
    eof,        ///< the peer ended the stream in order (with TLS by close_notify)
    failed      ///< see `failure()`
};

struct io_result {
    io_step step;
    std::size_t bytes = 0;
};

/// Why a stream failed.
struct stream_failure {
    bool by_tls = false;            ///< the protocol or the certificate, not the transport
    boost::system::error_code code; ///< the cause, if it has one: the system's when the transport failed,
                                    ///< otherwise of `certificate_category()` or `tls_alert_category()`
    std::string message;            ///< what happened; consists of our words and OpenSSL's, and numbers
};

/// The socket is not owned. To be used by one thread at a time.
class stream {
public:
    stream(stream const&) = delete;
    stream& operator=(stream const&) = delete;
    virtual ~stream() = default;

    /// To be called once, before anything is read or written.
    virtual io_step handshake() = 0;

    /// Reads at least one byte, or returns why it did not.
    virtual io_result read(std::span<char> into) = 0;

    /// Writes at least one byte, or returns why it did not. After `want_*` the next call must begin with the
    /// same bytes.
    virtual io_result write(std::span<char const> from) = 0;

    /// Like `read`, from what was received already, without reading the socket.
    virtual io_result read_received(std::span<char> into) = 0;

    /// Whether there are received bytes that are not read yet: the socket will not become readable for them.
    virtual bool has_received() const noexcept = 0;

    /// Whether the beginning of an incomplete record was received.
    virtual bool is_amid_a_record() const noexcept = 0;

    /// Whether nothing that was received is left, not even the beginning of a record.
    bool holds_nothing() const noexcept { return !has_received() && !is_amid_a_record(); }

    /// Whether there is nothing to read: no bytes, received or in the socket, and no end of the stream.
    bool is_quiet() const noexcept { return holds_nothing() && nothing_waits(socket_); }

    /// Whether what was received ends with what was read, but for messages of the protocol's own.
    virtual bool nothing_follows() = 0;

    /// Whether the last read took all that the socket had.
    bool is_drained() const noexcept { return socket_.drained; }

    /// Releases what is not needed between two exchanges.
    virtual void release_memory() noexcept = 0;

    /// Notifies the peer of the end, as far as possible without waiting.
    virtual void say_goodbye() noexcept = 0;

    /// Whether the peer has chosen HTTP/2.
    virtual bool speaks_http2() const noexcept { return false; }

    /// Whether the handshake offered an earlier session, and whether it resumed it.
    virtual bool offered_session() const noexcept = 0;
    virtual bool resumed() const noexcept = 0;

    stream_failure const& failure() const noexcept { return failure_; }

    /// The bytes transferred over the socket so far.
    socket_traffic const& traffic() const noexcept { return socket_.traffic; }

protected:
    explicit stream(int descriptor) noexcept { socket_.descriptor = descriptor; }

    socket_state socket_;
    stream_failure failure_;
};

} // namespace equinix::sts::net
