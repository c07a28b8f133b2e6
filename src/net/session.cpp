#include "net/session.hpp"

#include "base/failure.hpp"
#include "core/usual_head.hpp"
#include "net/session_reads.hpp"

#include <boost/assert.hpp>
#include <boost/beast/http/error.hpp>

#include <utility>

namespace equinix::sts::net {
session::session(std::unique_ptr<stream> over, limit_options const& limits)
    : stream_(std::move(over)), limits_(limits) {}

session_step session::handshake() {
    auto const step = stream_->handshake();
    if (would_wait(step)) return waiting(step);
    if (step != io_step::done) return fail_by_stream(phase::tls);
    stream_->release_memory();
    return session_step::done;
}

void session::start(std::span<char const> request) {
    BOOST_ASSERT(!parser_ && !is_usual_ && request_.empty()); // one at a time
    request_ = request;
    sent_ = 0;
    interim_ = 0;
    heads_ = 0;
    answer_begun_ = false;
    surplus_ = false;
    storage_.clear();
}

session_step session::advance() {
    if (ended_) return session_step::failed;
    BOOST_ASSERT(!request_.empty());
    bool const was_writing = !request_complete();
    auto const stalled = write();
    // The last byte has just been sent, so there is no answer yet: a read would be wasted.
    if (was_writing && request_complete() && !stream_->has_received()) return session_step::want_read;
    auto const step = read();
    // An answer may arrive before the request is fully written, so reading continues while writing is stuck.
    return stalled && step == session_step::want_read ? *stalled : step;
}

/// Writes the remaining bytes; returns a step when they could not all be written.
std::optional<session_step> session::write() {
    while (sent_ < request_.size() && !write_failed_) {
        auto const wrote = stream_->write(request_.subspan(sent_));
        if (wrote.step == io_step::done) {
            BOOST_ASSERT(wrote.bytes <= request_.size() - sent_);
            sent_ += wrote.bytes;
        } else if (would_wait(wrote.step)) {
            return waiting(wrote.step);
        } else {
            write_failed_ = true; // what the peer sent before it closed is still worth reading
        }
    }
    return std::nullopt;
}

session_step session::read() {
    for (unsigned records = 0;; ++records) {
        read_block block;
        auto const got = read_record(*stream_, records, block);
        switch (got.step) {
        case io_step::done:
            if (auto const step = feed({block.bytes.data(), got.bytes})) return *step;
            break;
        case io_step::eof:
            return end_of_stream();
        case io_step::failed:
            return fail_by_stream(request_complete() ? phase::read : phase::write);
        case io_step::want_read:
        case io_step::want_write:
            if (write_failed_) return fail_by_stream(phase::write);
            return waiting(got.step);
        }
    }
}

std::optional<session_step> session::feed(std::string_view received) {
    bool const begins = !std::exchange(answer_begun_, true);
    if (is_usual_) return take_body(received);
    if (begins) {
        if (auto const head = core::read_usual_head(received, limits_.max_head, limits_.max_body)) {
            is_usual_ = true;
            body_left_ = head->content_length;
            storage_.begin(*head);
            return take_body(received.substr(head->size));
        }
        begin_message();
    }
    auto const joined = !carry_.empty();
    if (joined) {
        base::append(carry_, received);
        received = base::view(carry_);
    }
    auto const used = parse(received);
    if (!used) return session_step::failed;
    auto const rest = received.substr(*used);
    if (parser_->is_done()) return complete(rest);
    if (rest.size() > limits_.max_head)
        return fail(
            error_kind::limit, phase::read,
            "the response's head, chunk header or trailer is larger than client_options::limits.max_head");
    if (joined) {
        base::wiped_buffer kept(rest.begin(), rest.end());
        carry_.swap(kept);
    } else {
        base::append(carry_, rest);
    }
    return std::nullopt;
}

std::optional<session_step> session::take_body(std::string_view received) {
    auto const part = received.substr(0, body_left_);
    base::append(storage_.body, part);
    body_left_ -= part.size();
    if (body_left_ != 0) return std::nullopt;
    return complete(received.substr(part.size()));
}

/// The answer has ended; `rest` follows it.
session_step session::complete(std::string_view rest) {
    surplus_ = !rest.empty() || !stream_->nothing_follows();
    return session_step::done;
}

/// Returns how many bytes were used; nothing after a failure.
std::optional<std::size_t> session::parse(std::string_view bytes) {
    namespace http = boost::beast::http;
    std::size_t used = 0;
    while (used < bytes.size()) {
        // The shortest end of a chunked body. Given fewer bytes, Beast 1.81 terminates the program (an
        // assertion).
        constexpr std::string_view shortest_end = "0\r\n\r\n";
        bool const may_end = parser_->is_header_done() && parser_->chunked() && !parser_->saw_last_chunk();
        if (may_end && bytes.size() - used < shortest_end.size()) break;
        auto const room = parser_->is_header_done() ? std::string_view::npos : limits_.max_head - heads_;
        auto const part = bytes.substr(used, room);
        boost::system::error_code ec;
        auto const taken = parser_->put(boost::asio::buffer(part.data(), part.size()), ec);
        if (ec && ec != http::error::need_more) {
            fail_by_parser(ec);
            return std::nullopt;
        }
        if (!parser_->is_header_done()) {
            if (part.size() == room) {
                fail_by_parser(http::error::header_limit);
                return std::nullopt;
            }
            // Parses a head from its start when more of it has arrived: in the middle of a head Beast looks
            // for the end before it parses what is there, and would report an ill-formed head as a truncated
            // one.
            begin_message();
            break;
        }
        used += taken;
        if (parser_->is_done()) {
            if (!parser_->is_interim()) break;
            if (++interim_ > most_interim_answers) {
                fail(error_kind::limit, phase::read, "more than 16 interim (1xx) responses");
                return std::nullopt;
            }
            heads_ += taken;
            begin_message();
        } else if (taken == 0) {
            break;
        }
    }
    return used;
}

void session::begin_message() {
    parser_.emplace(storage_, limits_.max_head, limits_.max_body);
}

session_step session::end_of_stream() {
    if (!answer_begun_)
        return fail(error_kind::network, phase::read, "the peer closed the connection without a response");
    boost::system::error_code ec;
    if (parser_ && carry_.empty() && parser_->is_header_done()) parser_->put_eof(ec);
    if (!ec && is_complete()) {
        surplus_ = true; // nothing can follow
        return session_step::done;
    }
    return fail(error_kind::truncated, phase::read, "the response ended before it was complete");
}

bool session::finish() {
    bool const usable = is_complete() && (is_usual_ || parser_->leaves_connection_usable()) && !surplus_ &&
                        !write_failed_ && request_complete();
    is_usual_ = false;
    request_ = {};
    sent_ = 0;
    parser_.reset();
    storage_.clear();
    base::wipe_and_shrink(storage_.body);
    base::wipe_and_shrink(carry_);
    stream_->release_memory();
    return usable;
}

bool session::still_idle() {
    if (stream_->is_quiet()) return true;
    read_block block;
    auto const got = stream_->read(block.bytes);
    block.used = got.bytes;
    if (!would_wait(got.step)) return end_idle();
    stream_->release_memory();
    return true;
}

bool session::may_serve(bool known_quiet) {
    if (known_quiet && stream_->is_drained() && stream_->holds_nothing()) return true;
    if (!still_idle()) return false;
    return !stream_->is_amid_a_record() || end_idle();
}

bool session::end_idle() {
    ended_ = true; // an exchange that begins nevertheless must not take this for its answer
    fail(error_kind::network, phase::write,
         "the idle connection was closed, or received bytes that belong to no response");
    return false;
}

session_step session::fail(error_kind kind, phase where, std::string message,
                           boost::system::error_code code) {
    failure_ = base::failure(kind, where, std::move(message), code);
    return session_step::failed;
}

session_step session::fail_by_stream(phase where) {
    auto const& why = stream_->failure();
    auto message = why.message.empty() ? std::string("the peer closed the connection") : why.message;
    if (where == phase::tls || why.by_tls) {
        auto const kind = why.by_tls ? error_kind::tls : error_kind::network;
        return fail(kind, where, std::move(message), why.code);
    }
    auto const kind = answer_begun_ ? error_kind::truncated : error_kind::network;
    return fail(kind, where, std::move(message), why.code);
}

session_step session::fail_by_parser(boost::system::error_code why) {
    namespace http = boost::beast::http;
    if (why == http::error::header_limit)
        return fail(error_kind::limit, phase::read,
                    "the response's head is larger than client_options::limits.max_head");
    if (why == http::error::body_limit)
        return fail(error_kind::limit, phase::read,
                    "the response's body is larger than client_options::limits.max_body");
    auto const code = why.category() == error_category() ? boost::system::error_code() : why;
    return fail(error_kind::protocol, phase::read, "the response is not unambiguous HTTP/1.1", code);
}

} // namespace equinix::sts::net
