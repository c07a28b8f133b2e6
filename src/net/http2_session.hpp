// HTTP/2 (RFC 9113): many exchanges at a time on one stream of bytes, in steps that never wait.
//
// nghttp2 is the codec: it reads and writes frames, in memory of the session's own. The session moves the
// bytes, and decides what each answer, reset and GOAWAY means for the exchanges.
//
// Lifecycle: start() for each exchange, send() and receive() as the socket permits; next_over() returns the
// exchanges that are over. When the session fails, all of them are.
#pragma once

#include "base/wiped.hpp"
#include "net/answer_storage.hpp"
#include "net/session_step.hpp"
#include "net/stream.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/options.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct nghttp2_session;

namespace equinix::sts::net {

/// One request and its answer. Its owner keeps it until it is over or cancelled. May be used again then.
struct http2_exchange : boost::intrusive::list_base_hook<> {
    enum class state : unsigned char {
        idle,        ///< not started yet, or cancelled
        open,        ///< in progress
        answered,    ///< `answer` is complete
        unprocessed, ///< the server has surely not processed the request (RFC 9113 section 8.7)
        needs_http1, ///< as above: the server wants it over HTTP/1.1
        failed       ///< see `failure`
    };

    state is = state::idle;
    bool request_complete = false; ///< all of it is in frames, and the request is needed no longer
    bool answer_begun = false;
    answer_storage answer;
    error_info failure; ///< kind, phase, code and message are set

private:
    friend class http2_session;
    friend struct http2_callbacks;

    void begin() noexcept;

    std::string_view body;       // what is left of the request's
    std::int32_t id = 0;         // of the stream
    std::uint64_t sent_from = 0; // where in what the session sends the request begins; 0: not there yet
    std::size_t head = 0;        // bytes of the answer's fields, as RFC 9113 section 6.5.2 counts them
    unsigned interim = 0;
    bool head_complete = false;
    bool reset_by_peer = false;
};

class http2_session {
public:
    /// The stream's handshake is complete. Throws `std::bad_alloc`.
    http2_session(std::unique_ptr<stream> over, limit_options const& limits);
    http2_session(http2_session const&) = delete;
    http2_session& operator=(http2_session const&) = delete;
    ~http2_session();

    /// Begins an exchange with a request as HTTP/1.1 sends it; `send` sends it. On a session that takes none
    /// it is over at once, unprocessed. The request is needed until it is complete. Throws `std::bad_alloc`;
    /// the exchange is idle then.
    void start(http2_exchange& one, std::string_view request);

    /// Gives up an open exchange. `reset`: the server is told by the next `send`. Otherwise its stream ends
    /// by itself, and what it brings is dropped, unless the request is not complete yet.
    void cancel(http2_exchange& one, bool reset = true) noexcept;

    /// Gives up the connection, for this reason unless it has failed already: what is open fails with it.
    void give_up(error_info const& why) noexcept;

    /// How many streams were given up and have not ended.
    std::size_t left() const noexcept { return left_.size(); }

    /// Makes frames of what was begun, as far as windows and room permit. Throws `std::bad_alloc`.
    void collect();

    /// Writes what is to be sent. `want_read`: all of it was. Throws `std::bad_alloc`.
    session_step send();

    /// Reads what the peer has sent. `want_read`: all of it was read; there may be something to send then.
    /// Throws `std::bad_alloc`.
    session_step receive();

    /// Takes the next exchange that is over; null if there is none.
    http2_exchange* next_over() noexcept;

    /// Asks whether the peer is there. Throws `std::bad_alloc`.
    void ping();
    /// Whether an answer to `ping` is still to come.
    bool is_pinging() const noexcept { return pings_ != 0; }

    /// How many exchanges the server takes at a time; nothing until it has said so.
    std::optional<std::size_t> most_exchanges() const noexcept;

    /// Whether the server, or the end of its numbers, takes no further exchange here.
    bool is_draining() const noexcept { return draining_; }

    /// With which code the server has said so (RFC 9113 section 7), if it has.
    std::optional<std::uint32_t> goaway() const noexcept { return told_; }
    static constexpr std::uint32_t in_order = 0;

    std::size_t open() const noexcept { return open_.size(); }

    /// Whether the request is in frames, which will be sent unless the connection fails before.
    bool is_to_be_sent(http2_exchange const& one) const noexcept { return one.sent_from != 0; }

    /// Whether a part of the request may have reached the server.
    bool was_sent(http2_exchange const& one) const noexcept {
        return one.sent_from != 0 && one.sent_from <= written_;
    }

    /// Why the session failed: kind, phase, code and message are set.
    error_info const& failure() const noexcept { return failure_; }

    stream const& transport() const noexcept { return *stream_; }

    /// Ends the connection in order, as far as possible without waiting.
    void close() noexcept;

private:
    friend struct http2_callbacks;
    using exchanges = boost::intrusive::list<http2_exchange>;
    struct deleter {
        void operator()(nghttp2_session* one) const noexcept;
    };

    void take(std::string_view received);
    void look_for_end();
    void check(std::ptrdiff_t returned);
    session_step end_of_stream();
    session_step fail(error_kind kind, phase where, std::string_view message,
                      boost::system::error_code code = {});
    session_step fail_by_stream(phase where);
    void settle(http2_exchange& one, http2_exchange::state how) noexcept;
    void fail_one(http2_exchange& one, error_kind kind, std::string_view message) noexcept;
    void note_useless_frame();

    std::unique_ptr<stream> stream_;
    limit_options const limits_;
    exchanges open_, over_;
    base::wiped_buffer out_;      // frames to be sent
    std::size_t out_sent_ = 0;    // of these bytes
    std::uint64_t queued_ = 0;    // bytes of frames so far
    std::uint64_t written_ = 0;   // of these, given to the transport
    unsigned useless_frames_ = 0; // received since the last one that brought something
    unsigned pings_ = 0;
    std::vector<std::int32_t> left_;
    std::optional<std::uint32_t> told_; // the error code of the last GOAWAY
    bool settings_came_ = false;
    bool draining_ = false;
    bool failed_ = false;
    bool write_failed_ = false;
    bool without_memory_ = false;
    error_info failure_;
    std::unique_ptr<nghttp2_session, deleter> native_; // last: its end may call back
};

} // namespace equinix::sts::net
