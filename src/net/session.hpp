// HTTP/1.1 exchanges, one after another, on one stream, in steps that never wait.
//
// Lifecycle: handshake() until done, then for each exchange start(), advance() until `answered` or `failed`,
// read answer(), finish(). Between exchanges, when the socket is readable, still_idle() reports whether the
// bytes concerned only the stream itself. Any failure ends the session for good.
#pragma once

#include "net/response_parser.hpp"
#include "net/session_step.hpp"
#include "net/stream.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/options.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace equinix::sts::net {

class session {
public:
    session(std::unique_ptr<stream> over, limit_options const& limits);

    session_step handshake();

    /// Begins an exchange. The bytes must stay valid until `finish()` or the end of the session.
    void start(std::span<char const> request);

    session_step advance();

    /// The complete answer; valid until `finish()`.
    core::answer answer() const noexcept { return storage_.view(); }

    /// Overwrites the answer. Returns true when another exchange may follow.
    bool finish();

    /// For an idle session whose socket is readable: returns true when nothing was received that an
    /// application would see.
    bool still_idle();

    /// For an idle session that is to serve another exchange: also false when the peer has begun to send
    /// something, which would be taken for the answer once complete. `known_quiet`: the socket has received
    /// nothing since the last read.
    bool may_serve(bool known_quiet = false);

    bool request_sent() const noexcept { return sent_ != 0; }
    bool request_complete() const noexcept { return sent_ == request_.size(); }
    bool answer_begun() const noexcept { return answer_begun_; }

    /// Why the session failed: kind, phase, code and message are set.
    error_info const& failure() const noexcept { return failure_; }

    /// After the handshake: whether the peer has chosen HTTP/2. Its session then takes over the stream.
    bool speaks_http2() const noexcept { return stream_->speaks_http2(); }
    std::unique_ptr<stream> release_stream() noexcept { return std::move(stream_); }

    stream const& transport() const noexcept { return *stream_; }

    bool offered_session() const noexcept { return stream_->offered_session(); }
    socket_traffic const& traffic() const noexcept { return stream_->traffic(); }

    /// Closes the stream in order, as far as possible without waiting.
    void close() noexcept { stream_->say_goodbye(); }

private:
    std::optional<session_step> write();
    session_step read();
    std::optional<session_step> feed(std::string_view received);
    std::optional<std::size_t> parse(std::string_view bytes);
    std::optional<session_step> take_body(std::string_view received);
    session_step complete(std::string_view rest);
    bool is_complete() const noexcept { return is_usual_ ? body_left_ == 0 : parser_ && parser_->is_done(); }
    void begin_message();
    session_step end_of_stream();
    bool end_idle();
    session_step fail(error_kind kind, phase where, std::string message, boost::system::error_code code = {});
    session_step fail_by_stream(phase where);
    session_step fail_by_parser(boost::system::error_code why);

    std::unique_ptr<stream> stream_;
    limit_options const limits_;
    std::span<char const> request_;
    std::size_t sent_ = 0;
    bool write_failed_ = false;
    bool answer_begun_ = false;
    bool surplus_ = false;
    bool ended_ = false;
    unsigned interim_ = 0;
    std::size_t heads_ = 0;     // the total size of the interim answers
    bool is_usual_ = false;     // its head was read without the parser
    std::size_t body_left_ = 0; // of such an answer
    std::optional<response_parser> parser_;
    answer_storage storage_;
    base::wiped_buffer carry_; // received, but too little for the parser to continue
    error_info failure_;
};

} // namespace equinix::sts::net
