#include "net/http2_session.hpp"

#include "base/failure.hpp"
#include "core/request_view.hpp"
#include "net/http2_callbacks.hpp"
#include "net/http2_memory.hpp"
#include "net/session_reads.hpp"

#include <boost/assert.hpp>

#include <nghttp2/nghttp2.h>

#include <array>
#include <iterator>
#include <new>
#include <utility>
#include <vector>

namespace equinix::sts::net {
namespace {

constexpr std::size_t most_at_once = std::size_t(64) * 1024; // of frames that are collected before a write
constexpr unsigned most_useless_frames = 1000;
constexpr std::int32_t connection_window = 1 << 20;
constexpr std::int32_t last_stream = 1 << 30; // well before the numbers end
constexpr char not_http2[] = "the server does not speak HTTP/2 as RFC 9113 defines it";

nghttp2_nv field(std::string_view name, std::string_view value, std::uint8_t flags) noexcept {
    return {bytes(name), bytes(value), name.size(), value.size(), flags};
}

/// The fields of a request. As many as are usual need no memory of their own.
class field_list {
public:
    void push_back(nghttp2_nv const& one) {
        if (size_ == usual_.size()) more_.assign(usual_.begin(), usual_.end());
        if (size_ < usual_.size())
            usual_[size_] = one;
        else
            more_.push_back(one);
        ++size_;
    }
    nghttp2_nv* data() noexcept { return more_.empty() ? usual_.data() : more_.data(); }
    std::size_t size() const noexcept { return size_; }

private:
    std::array<nghttp2_nv, 24> usual_; // NOLINT: filled one by one
    std::vector<nghttp2_nv> more_;     // all of them, if there are more
    std::size_t size_ = 0;
};

} // namespace

void http2_session::deleter::operator()(nghttp2_session* one) const noexcept {
    nghttp2_session_del(one);
}

http2_session::http2_session(std::unique_ptr<stream> over, limit_options const& limits)
    : stream_(std::move(over)), limits_(limits) {
    auto const callbacks = make_callbacks();
    nghttp2_option* chosen = nullptr;
    if (nghttp2_option_new(&chosen) != 0) throw std::bad_alloc();
    std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> const options(chosen, nghttp2_option_del);
    constexpr std::size_t most_acknowledgements = 100, most_settings = 16;
    nghttp2_option_set_max_outbound_ack(chosen, most_acknowledgements);
    nghttp2_option_set_max_settings(chosen, most_settings);
    nghttp2_option_set_no_closed_streams(chosen, 1);

    nghttp2_session* native = nullptr;
    if (nghttp2_session_client_new3(&native, callbacks.get(), this, chosen, wiping_memory()) != 0)
        throw std::bad_alloc();
    native_.reset(native);
    // No dynamic table for what we read: the peer would decide what it holds. No push.
    nghttp2_settings_entry const ours[] = {
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits_.max_head)},
    };
    if (nghttp2_submit_settings(native, NGHTTP2_FLAG_NONE, ours, std::size(ours)) != 0 ||
        nghttp2_session_set_local_window_size(native, NGHTTP2_FLAG_NONE, 0, connection_window) != 0)
        throw std::bad_alloc();
}

http2_session::~http2_session() {
    open_.clear();
    over_.clear();
}

void http2_exchange::begin() noexcept {
    is = state::open;
    request_complete = false;
    answer_begun = false;
    answer.clear();
    id = 0;
    sent_from = 0;
    head = 0;
    interim = 0;
    head_complete = false;
    reset_by_peer = false;
}

void http2_session::start(http2_exchange& one, std::string_view request) {
    BOOST_ASSERT(!one.is_linked());
    one.begin();
    if (draining_) {
        one.is = http2_exchange::state::unprocessed;
        over_.push_back(one);
        return;
    }
    one.is = http2_exchange::state::idle;
    auto const seen = core::view_request(request);
    one.body = seen.body;
    constexpr std::uint8_t value_stays = NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    constexpr std::uint8_t both_stay = value_stays | NGHTTP2_NV_FLAG_NO_COPY_NAME;
    field_list fields;
    fields.push_back(field(":method", seen.method, both_stay));
    fields.push_back(field(":scheme", "https", both_stay));
    fields.push_back(field(":authority", {}, both_stay));
    fields.push_back(field(":path", seen.target, both_stay));
    auto rest = seen.fields;
    while (auto const line = core::take_field(rest)) {
        if (core::is_host(line->name)) fields.data()[2] = field(":authority", line->value, both_stay);
        if (core::is_of_http1_alone(line->name)) continue;
        bool const indexed = core::may_be_indexed(line->name);
        // nghttp2 copies the name to write it in lower case.
        fields.push_back(field(line->name, line->value,
                               value_stays | (indexed ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX)));
    }
    nghttp2_data_provider body{};
    body.read_callback = read_body;
    auto const id = nghttp2_submit_request(native_.get(), nullptr, fields.data(), fields.size(),
                                           one.body.empty() ? nullptr : &body, &one);
    check(id);
    one.id = id;
    one.is = http2_exchange::state::open;
    open_.push_back(one);
    if (id >= last_stream) draining_ = true;
}

void http2_session::cancel(http2_exchange& one, bool reset) noexcept {
    BOOST_ASSERT(one.is == http2_exchange::state::open && one.is_linked());
    auto const id = one.id;
    bool const was_seen = is_to_be_sent(one), ends_by_itself = one.request_complete;
    settle(one, http2_exchange::state::idle);
    if (!reset && was_seen && ends_by_itself) {
        try {
            left_.push_back(id);
            return;
        } catch (std::bad_alloc const&) {
            // It is reset instead.
        }
    }
    // Without memory for it the stream goes on, and what it brings is dropped.
    nghttp2_submit_rst_stream(native_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

/// The exchange is over; nghttp2 no longer knows it.
void http2_session::settle(http2_exchange& one, http2_exchange::state how) noexcept {
    BOOST_ASSERT(one.is == http2_exchange::state::open && one.is_linked());
    nghttp2_session_set_stream_user_data(native_.get(), one.id, nullptr);
    one.is = how;
    one.body = {};
    open_.erase(open_.iterator_to(one));
    if (how != http2_exchange::state::idle) over_.push_back(one);
}

void http2_session::fail_one(http2_exchange& one, error_kind kind, std::string_view message) noexcept {
    one.failure = base::failure(kind, phase::read, message);
    settle(one, http2_exchange::state::failed);
}

http2_exchange* http2_session::next_over() noexcept {
    if (over_.empty()) return nullptr;
    auto& one = over_.front();
    over_.pop_front();
    return &one;
}

/// Collects frames.
void http2_session::collect() {
    constexpr std::size_t most_of_a_frame = std::size_t(17) * 1024;
    if (open_.size() > 1)
        out_.reserve(most_at_once + most_of_a_frame); // a vector that grows copies byte by byte
    while (out_.size() < most_at_once) {
        std::uint8_t const* data = nullptr;
        auto const size = nghttp2_session_mem_send(native_.get(), &data);
        check(size);
        if (size <= 0) return;
        base::append(out_, text(data, static_cast<std::size_t>(size)));
        queued_ += static_cast<std::uint64_t>(size);
    }
}

session_step http2_session::send() {
    while (!failed_ && !write_failed_) {
        if (out_sent_ == out_.size()) {
            base::wipe(out_);
            out_sent_ = 0;
            collect();
            if (out_.empty()) break;
        }
        auto const wrote = stream_->write(std::span<char const>(out_).subspan(out_sent_));
        if (wrote.step == io_step::done) {
            out_sent_ += wrote.bytes;
            written_ += wrote.bytes;
        } else if (would_wait(wrote.step)) {
            return waiting(wrote.step);
        } else {
            write_failed_ = draining_ = true; // what the peer sent before it closed is still worth reading
        }
    }
    if (write_failed_ && open_.empty() && !failed_) return fail_by_stream(phase::write);
    look_for_end();
    if (open_.empty()) {
        base::wipe_and_shrink(out_);
        stream_->release_memory();
    }
    return failed_ ? session_step::failed : session_step::want_read;
}

session_step http2_session::receive() {
    for (unsigned records = 0; !failed_; ++records) {
        read_block block;
        auto const got = read_record(*stream_, records, block);
        switch (got.step) {
        case io_step::done:
            take({block.bytes.data(), got.bytes});
            if (stream_->is_drained() && !stream_->has_received() && !failed_) return session_step::want_read;
            break;
        case io_step::eof:
            return end_of_stream();
        case io_step::failed:
            return fail_by_stream(phase::read);
        case io_step::want_read:
        case io_step::want_write:
            if (write_failed_) return fail_by_stream(phase::write);
            return waiting(got.step);
        }
    }
    return session_step::failed;
}

void http2_session::take(std::string_view received) {
    check(nghttp2_session_mem_recv(native_.get(), bytes(received), received.size()));
    look_for_end();
}

/// Whether nghttp2 has given up the connection, which it does once its GOAWAY was sent, or the peer has ended
/// it in order.
void http2_session::look_for_end() {
    if (failed_ || nghttp2_session_want_read(native_.get()) != 0) return;
    if (draining_)
        end_of_stream();
    else
        fail(error_kind::protocol, phase::read, not_http2);
}

/// What a call of nghttp2 has returned.
void http2_session::check(std::ptrdiff_t returned) {
    if (returned >= 0 || failed_) return;
    if (without_memory_ || returned == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
    fail(error_kind::protocol, phase::read,
         std::string(not_http2) + ": " + nghttp2_strerror(static_cast<int>(returned)));
}

session_step http2_session::end_of_stream() {
    if (told_.value_or(in_order) != in_order)
        return fail(error_kind::network, phase::read,
                    std::string("the server has ended the connection: ") + nghttp2_http2_strerror(*told_));
    return fail(error_kind::network, phase::read, "the peer closed the connection without a response");
}

/// Frames that bring nothing cost a peer little and us much.
void http2_session::note_useless_frame() {
    if (++useless_frames_ > most_useless_frames)
        fail(error_kind::protocol, phase::read, "the server sent 1,000 useless frames in a row");
}

session_step http2_session::fail(error_kind kind, phase where, std::string_view message,
                                 boost::system::error_code code) {
    give_up(base::failure(kind, where, message, code));
    return session_step::failed;
}

void http2_session::give_up(error_info const& why) noexcept {
    if (!std::exchange(failed_, true)) failure_ = base::copy_of(why);
    draining_ = true;
    while (!open_.empty()) {
        auto& one = open_.front();
        one.failure = base::copy_of(failure_);
        if (one.answer_begun && failure_.kind == error_kind::network)
            one.failure.kind = error_kind::truncated;
        settle(one, http2_exchange::state::failed);
    }
}

session_step http2_session::fail_by_stream(phase where) {
    auto const& why = stream_->failure();
    auto const message = why.message.empty() ? std::string("the peer closed the connection") : why.message;
    return fail(why.by_tls ? error_kind::tls : error_kind::network, where, message, why.code);
}

void http2_session::ping() {
    check(nghttp2_submit_ping(native_.get(), NGHTTP2_FLAG_NONE, nullptr));
    ++pings_;
}

std::optional<std::size_t> http2_session::most_exchanges() const noexcept {
    if (!settings_came_) return std::nullopt;
    return nghttp2_session_get_remote_settings(native_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

void http2_session::close() noexcept {
    if (!failed_ && !write_failed_) {
        nghttp2_session_terminate_session(native_.get(), NGHTTP2_NO_ERROR);
        try {
            send();
        } catch (std::bad_alloc const&) {
            // The peer sees the end of the connection instead.
        }
    }
    stream_->say_goodbye();
}

} // namespace equinix::sts::net
