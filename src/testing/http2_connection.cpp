#include "testing/http2_connection.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cctype>
#include <new>

namespace equinix::sts::testing {
namespace {

std::string text_of(std::uint8_t const* data, std::size_t size) {
    return {reinterpret_cast<char const*>(data), size}; // NOLINT: nghttp2's type
}

std::uint8_t* bytes_of(std::string const& text) {                           // nghttp2 does not write to them
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); // NOLINT: nghttp2's type
}

} // namespace

/// What nghttp2 calls. The mock does without what it has no memory for.
struct http2_connection::callbacks {
    static http2_connection& self(void* context) { return *static_cast<http2_connection*>(context); }

    static int on_header(nghttp2_session*, nghttp2_frame const* frame, std::uint8_t const* name,
                         std::size_t name_size, std::uint8_t const* value, std::size_t size, std::uint8_t,
                         void* context) {
        auto& request = self(context).streams_[frame->hd.stream_id].request;
        request.stream = frame->hd.stream_id;
        auto const of = text_of(name, name_size);
        auto const is = text_of(value, size);
        if (of == ":method") request.method = is;
        if (of == ":path") request.target = is;
        if (of == "content-type") request.content_type = is;
        if (of == "authorization") request.authorization = is;
        if (of == "dpop") request.dpop += (request.dpop.empty() ? "" : ",") + is;
        if (of == ":authority") request.host = is;
        if (of == ":authority") request.raw += "host: " + is + "\r\n";
        if (!of.starts_with(':')) request.raw += of + ": " + is + "\r\n";
        return 0;
    }

    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, std::uint8_t const* data,
                       std::size_t size, void* context) {
        self(context).streams_[id].request.body += text_of(data, size);
        return 0;
    }

    static int on_frame(nghttp2_session*, nghttp2_frame const* frame, void* context) {
        bool const is_part = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (!is_part || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
        auto request = std::move(self(context).streams_[frame->hd.stream_id].request);
        request.raw =
            request.method + " " + request.target + " HTTP/2\r\n" + request.raw + "\r\n" + request.body;
        self(context).complete_.push_back(std::move(request));
        return 0;
    }

    static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* context) {
        self(context).streams_.erase(id);
        return 0;
    }

    static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t room,
                             std::uint32_t* flags, nghttp2_data_source*, void* context) {
        auto& one = self(context).streams_[id];
        auto const size = std::min(room, one.answer.size() - one.sent);
        std::copy_n(one.answer.data() + one.sent, size, to);
        one.sent += size;
        if (one.sent == one.answer.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(size);
    }
};

void http2_connection::deleter::operator()(nghttp2_session* one) const noexcept {
    nghttp2_session_del(one);
}

http2_connection::http2_connection(std::uint32_t most_streams) {
    nghttp2_session_callbacks* all = nullptr;
    if (nghttp2_session_callbacks_new(&all) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_header_callback(all, callbacks::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, callbacks::on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, callbacks::on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, callbacks::on_close);
    nghttp2_session* made = nullptr;
    auto const done = nghttp2_session_server_new(&made, all, this);
    nghttp2_session_callbacks_del(all);
    if (done != 0) throw std::bad_alloc();
    native_.reset(made);
    nghttp2_settings_entry const limit{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most_streams};
    nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, &limit, 1);
}

http2_connection::~http2_connection() = default;

bool http2_connection::receive(std::string_view received) {
    auto const* const data = reinterpret_cast<std::uint8_t const*>(received.data()); // NOLINT: nghttp2's type
    return nghttp2_session_mem_recv(native_.get(), data, received.size()) >= 0 &&
           (nghttp2_session_want_read(native_.get()) != 0 || nghttp2_session_want_write(native_.get()) != 0);
}

std::optional<http2_request> http2_connection::next() {
    if (complete_.empty()) return std::nullopt;
    auto one = std::move(complete_.front());
    complete_.pop_front();
    return one;
}

void http2_connection::answer(std::int32_t stream, unsigned status,
                              std::vector<std::pair<std::string, std::string>> const& fields,
                              std::string body) {
    auto const found = streams_.find(stream);
    if (found == streams_.end()) return; // the client has given it up
    found->second.answer = std::move(body);
    auto all = fields;
    for (auto& [name, value] : all)
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
    std::erase_if(all, [](auto const& one) { return one.first == "connection"; });
    all.emplace(all.begin(), ":status", std::to_string(status));
    all.emplace_back("content-length", std::to_string(found->second.answer.size()));
    std::vector<nghttp2_nv> native;
    for (auto const& [name, value] : all)
        native.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    nghttp2_data_provider provider{};
    provider.read_callback = callbacks::read_body;
    nghttp2_submit_response(native_.get(), stream, native.data(), native.size(), &provider);
}

void http2_connection::reset(std::int32_t stream, std::uint32_t why) {
    nghttp2_submit_rst_stream(native_.get(), NGHTTP2_FLAG_NONE, stream, why);
}

void http2_connection::go_away() {
    auto const last = nghttp2_session_get_last_proc_stream_id(native_.get());
    nghttp2_submit_goaway(native_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

std::string http2_connection::to_send() {
    std::string out;
    std::uint8_t const* data = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(native_.get(), &data)) > 0;)
        out += text_of(data, static_cast<std::size_t>(size));
    return out;
}

} // namespace equinix::sts::testing
