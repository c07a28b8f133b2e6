#include "net/http2_callbacks.hpp"

#include "net/http2_session.hpp"
#include "net/session_reads.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <charconv>
#include <new>
#include <string>

namespace equinix::sts::net {

/// What nghttp2 calls. No exception may leave.
struct http2_callbacks {
    static http2_exchange* exchange_of(nghttp2_session* native, std::int32_t id) noexcept {
        return static_cast<http2_exchange*>(nghttp2_session_get_stream_user_data(native, id));
    }

    /// Runs what may throw `std::bad_alloc`.
    template <class Function>
    static int guarded(http2_session& self, Function run) noexcept try {
        return run();
    } catch (std::bad_alloc const&) {
        self.without_memory_ = true;
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }

    static int on_answer(nghttp2_session* native, nghttp2_frame const* frame, void*) noexcept {
        // Also if none of its fields is valid.
        if (auto* const one = exchange_of(native, frame->hd.stream_id)) one->answer_begun = true;
        return 0;
    }

    static int on_header(nghttp2_session* native, nghttp2_frame const* frame, std::uint8_t const* name,
                         std::size_t name_size, std::uint8_t const* value, std::size_t value_size,
                         std::uint8_t, void* context) noexcept {
        auto* const one = exchange_of(native, frame->hd.stream_id);
        if (one == nullptr) return 0;
        auto& self = *static_cast<http2_session*>(context);
        return guarded(self, [&] {
            constexpr std::size_t each = 32; // RFC 9113 section 6.5.2
            one->head += name_size + value_size + each;
            if (one->head > self.limits_.max_head)
                return refuse(self, *one, error_kind::limit,
                              "the response's head is larger than client_options::limits.max_head");
            if (one->head_complete) return 0; // a trailer
            return take_field(self, *one, text(name, name_size), text(value, value_size));
        });
    }

    static int take_field(http2_session& self, http2_exchange& one, std::string_view name,
                          std::string_view value) {
        auto& answer = one.answer;
        if (name == ":status") {
            answer.clear();
            std::from_chars(value.data(), value.data() + value.size(), answer.status);
            if (answer.status < 100 || answer.status == 101)
                return refuse(self, one, error_kind::protocol, "the response has no valid status");
        } else if (name == "content-type") {
            if (!answer.content_type.empty() && answer.content_type != value)
                return refuse(self, one, error_kind::protocol, "the response has two media types");
            answer.content_type.assign(value);
        } else if (name == "content-encoding") {
            answer.content_encoding.assign(value);
        } else if (name == "retry-after") {
            answer.retry_after.assign(value);
        } else if (name == "dpop-nonce") {
            answer.add_nonce(value);
        } else if (name == "www-authenticate") {
            answer.add_challenge(value);
        } else if (name == "date") {
            answer.take_date(value);
        } else if (name == "content-length") {
            std::size_t length = 0;
            std::from_chars(value.data(), value.data() + value.size(), length);
            if (length > self.limits_.max_body)
                return refuse(self, one, error_kind::limit,
                              "the response's body is larger than client_options::limits.max_body");
            answer.expect_body(length);
        }
        return 0;
    }

    static int reset(http2_session& self, std::int32_t id, std::uint32_t why) noexcept {
        if (nghttp2_submit_rst_stream(self.native_.get(), NGHTTP2_FLAG_NONE, id, why) != NGHTTP2_ERR_NOMEM)
            return 0;
        self.without_memory_ = true;
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }

    /// The exchange fails, and the stream is reset.
    static int refuse(http2_session& self, http2_exchange& one, error_kind kind, std::string_view why) {
        auto const id = one.id;
        self.fail_one(one, kind, why);
        return reset(self, id, NGHTTP2_CANCEL);
    }

    static int on_data(nghttp2_session* native, std::uint8_t, std::int32_t id, std::uint8_t const* data,
                       std::size_t size, void* context) noexcept {
        auto& self = *static_cast<http2_session*>(context);
        auto* const one = exchange_of(native, id);
        bool const is_left = one == nullptr && std::ranges::find(self.left_, id) != self.left_.end();
        if (size != 0 && (one != nullptr || is_left)) self.useless_frames_ = 0;
        if (one == nullptr) return 0;
        return guarded(self, [&] {
            if (size > self.limits_.max_body - one->answer.body.size())
                return refuse(self, *one, error_kind::limit,
                              "the response's body is larger than client_options::limits.max_body");
            base::append(one->answer.body, text(data, size));
            return 0;
        });
    }

    static int on_frame(nghttp2_session* native, nghttp2_frame const* frame, void* context) noexcept {
        auto& self = *static_cast<http2_session*>(context);
        return guarded(self, [&] {
            self.note_useless_frame();
            switch (frame->hd.type) {
            case NGHTTP2_HEADERS:
            case NGHTTP2_DATA:
                if (auto* const one = exchange_of(native, frame->hd.stream_id))
                    return on_part(self, *one, frame->hd);
                break;
            case NGHTTP2_RST_STREAM:
                if (auto* const one = exchange_of(native, frame->hd.stream_id)) one->reset_by_peer = true;
                break;
            case NGHTTP2_GOAWAY:
                self.draining_ = true;
                self.told_ = frame->goaway.error_code;
                break;
            case NGHTTP2_SETTINGS:
                self.settings_came_ = self.settings_came_ || (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0;
                break;
            case NGHTTP2_PING:
                if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 && self.pings_ != 0) --self.pings_;
                break;
            default:
                break;
            }
            return 0;
        });
    }

    /// A part of an answer has ended.
    static int on_part(http2_session& self, http2_exchange& one, nghttp2_frame_hd const& frame) {
        if (frame.type == NGHTTP2_HEADERS && !one.head_complete) {
            self.useless_frames_ = 0;
            auto const status = one.answer.status;
            if (status >= 100 && status < 200) {
                if (++one.interim > most_interim_answers)
                    return refuse(self, one, error_kind::limit, "more than 16 interim (1xx) responses");
                return 0;
            }
            one.head_complete = true;
        }
        if ((frame.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
        // The answer stands, whatever happens to the stream from here on.
        auto const id = one.id;
        bool const complete = one.body.empty();
        self.settle(one, http2_exchange::state::answered);
        return complete ? 0 : reset(self, id, NGHTTP2_NO_ERROR);
    }

    static int on_close(nghttp2_session* native, std::int32_t id, std::uint32_t why, void* context) noexcept {
        auto& self = *static_cast<http2_session*>(context);
        auto* const one = exchange_of(native, id);
        if (one == nullptr) {
            std::erase(self.left_, id);
            return 0;
        }
        bool const may_be_sent_again = !one->answer_begun; // else the server contradicts itself
        if (may_be_sent_again && why == NGHTTP2_REFUSED_STREAM) {
            self.settle(*one, self.told_ == NGHTTP2_HTTP_1_1_REQUIRED ? http2_exchange::state::needs_http1
                                                                      : http2_exchange::state::unprocessed);
        } else if (may_be_sent_again && why == NGHTTP2_HTTP_1_1_REQUIRED) {
            self.settle(*one, http2_exchange::state::needs_http1);
        } else if (one->reset_by_peer) {
            auto const kind = one->answer_begun ? error_kind::truncated : error_kind::network;
            return guarded(self, [&] {
                self.fail_one(*one, kind,
                              std::string("the server has reset the stream: ") + nghttp2_http2_strerror(why));
                return 0;
            });
        } else {
            self.fail_one(*one, error_kind::protocol, "the response is not unambiguous HTTP/2");
        }
        return 0;
    }

    static int send_body(nghttp2_session* native, nghttp2_frame* frame, std::uint8_t const* head,
                         std::size_t size, nghttp2_data_source*, void* context) noexcept {
        constexpr std::size_t head_size = 9;
        auto& self = *static_cast<http2_session*>(context);
        auto* const one = exchange_of(native, frame->hd.stream_id);
        if (one == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        BOOST_ASSERT(frame->data.padlen == 0 && size <= one->body.size());
        return guarded(self, [&] {
            base::append(self.out_, text(head, head_size));
            base::append(self.out_, one->body.substr(0, size));
            self.queued_ += head_size + size;
            one->body.remove_prefix(size);
            one->request_complete = one->body.empty();
            return 0;
        });
    }

    static std::size_t left_of(http2_exchange const& one) noexcept { return one.body.size(); }

    static int before_frame(nghttp2_session* native, nghttp2_frame const* frame, void* context) noexcept {
        auto& self = *static_cast<http2_session*>(context);
        if (frame->hd.type != NGHTTP2_HEADERS) return 0;
        if (auto* const one = exchange_of(native, frame->hd.stream_id)) {
            one->sent_from = self.queued_ + 1;
            one->request_complete = one->body.empty();
        }
        return 0;
    }
};

http2_callback_table make_callbacks() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    http2_callback_table all(made, nghttp2_session_callbacks_del);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, http2_callbacks::on_answer);
    nghttp2_session_callbacks_set_on_header_callback(made, http2_callbacks::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, http2_callbacks::on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, http2_callbacks::on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, http2_callbacks::on_close);
    nghttp2_session_callbacks_set_send_data_callback(made, http2_callbacks::send_body);
    nghttp2_session_callbacks_set_before_frame_send_callback(made, http2_callbacks::before_frame);
    return all;
}

ssize_t read_body(nghttp2_session* native, std::int32_t id, std::uint8_t*, std::size_t room,
                  std::uint32_t* flags, nghttp2_data_source*, void*) noexcept {
    auto const* const one = http2_callbacks::exchange_of(native, id);
    if (one == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    auto const left = http2_callbacks::left_of(*one);
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (left <= room) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(std::min(room, left));
}

} // namespace equinix::sts::net
