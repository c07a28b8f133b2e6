// What a session of HTTP needs of a connected socket: bytes both ways, in steps that never wait.
#pragma once

#include "net/socket_io.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace equinix::sts::net {

/// What a step came to.
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
    boost::system::error_code code; ///< the cause, where it has one: the system's when the transport failed,
                                    ///< else of `certificate_category()` or `tls_alert_category()`
    std::string message;            ///< what happened; of our and OpenSSL's words and numbers alone
};

/// The socket is not owned. One thread at a time.
class stream {
public:
    stream(stream const&) = delete;
    stream& operator=(stream const&) = delete;
    virtual ~stream() = default;

    /// Once, before anything is read or written.
    virtual io_step handshake() = 0;

    /// Reads at least one byte, or says why not.
    virtual io_result read(std::span<char> into) = 0;

    /// Writes at least one byte, or says why not. After `want_*` the next call must begin with the same
    /// bytes.
    virtual io_result write(std::span<char const> from) = 0;

    /// The same of what was received already, without a look at the socket.
    virtual io_result read_received(std::span<char> into) = 0;

    /// Whether bytes were received that are not read yet, so that the socket will not tell of them.
    virtual bool has_received() const noexcept = 0;

    /// Whether the first bytes of something were taken in that is not whole yet.
    virtual bool is_amid_a_record() const noexcept = 0;

    /// Whether nothing waits to be read: neither bytes, received or in the socket, nor its end.
    bool is_quiet() const noexcept {
        return !has_received() && !is_amid_a_record() && nothing_waits(socket_);
    }

    /// Between two exchanges: gives memory back. False when something was received that nobody has asked for.
    virtual bool release_memory() = 0;

    /// Tells the peer that this is the end, as far as that goes without waiting.
    virtual void say_goodbye() noexcept = 0;

    /// Whether the handshake resumed an earlier session.
    virtual bool resumed() const noexcept = 0;

    stream_failure const& failure() const noexcept { return failure_; }

    /// What went over the socket so far.
    socket_traffic const& traffic() const noexcept { return socket_.traffic; }

protected:
    explicit stream(int descriptor) noexcept { socket_.descriptor = descriptor; }

    socket_state socket_;
    stream_failure failure_;
};

} // namespace equinix::sts::net
