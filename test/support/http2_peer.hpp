// The server's end of an HTTP/2 connection in memory, for tests of the client's end.
#pragma once

#include "net/stream.hpp"

#include <boost/test/unit_test.hpp>

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

namespace net = equinix::sts::net;

/// What both ends have said and not read yet.
struct memory_line {
    std::string to_client, to_server;
    bool ended = false;     ///< by the server
    bool broken = false;    ///< nothing can be sent any more
    std::size_t room = ~0U; ///< for what the client sends
    unsigned writes = 0;    ///< by the client
};

class line_stream final : public net::stream {
public:
    explicit line_stream(memory_line& on) noexcept : stream(-1), line_(on) {}

    net::io_step handshake() override { return net::io_step::done; }
    net::io_result read(std::span<char> into) override {
        if (line_.to_client.empty()) return {line_.ended ? net::io_step::eof : net::io_step::want_read};
        auto const size = std::min(into.size(), line_.to_client.size());
        std::copy_n(line_.to_client.data(), size, into.data());
        line_.to_client.erase(0, size);
        return {net::io_step::done, size};
    }
    net::io_result write(std::span<char const> from) override {
        if (line_.broken) return {net::io_step::failed};
        auto const size = std::min(from.size(), line_.room);
        if (size == 0) return {net::io_step::want_write};
        line_.room -= size;
        ++line_.writes;
        line_.to_server.append(from.data(), size);
        return {net::io_step::done, size};
    }
    net::io_result read_received(std::span<char>) override { return {net::io_step::want_read}; }
    bool has_received() const noexcept override { return false; }
    bool is_amid_a_record() const noexcept override { return false; }
    bool nothing_follows() override { return true; }
    void release_memory() noexcept override {}
    void say_goodbye() noexcept override { line_.broken = true; }
    bool offered_session() const noexcept override { return false; }
    bool resumed() const noexcept override { return false; }

private:
    memory_line& line_;
};

class http2_peer {
public:
    using field = std::pair<std::string, std::string>;
    struct request {
        std::map<std::string, std::string> fields;
        std::map<std::string, int> flags; ///< of each field, NGHTTP2_NV_FLAG_*
        std::string body;
        bool complete = false;
    };

    explicit http2_peer(memory_line& on, std::vector<nghttp2_settings_entry> const& settings = {})
        : line_(on) {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
        nghttp2_session* made = nullptr;
        nghttp2_session_server_new(&made, callbacks, this);
        nghttp2_session_callbacks_del(callbacks);
        native_.reset(made);
        nghttp2_submit_settings(made, 0, settings.data(), settings.size());
    }

    /// Reads what the client has said, and says what is to be said.
    void run() {
        auto const heard = std::exchange(line_.to_server, {});
        auto const* const data = reinterpret_cast<std::uint8_t const*>(heard.data()); // NOLINT
        auto const taken = nghttp2_session_mem_recv(native_.get(), data, heard.size());
        BOOST_TEST_REQUIRE(taken == static_cast<ssize_t>(heard.size()));
        std::uint8_t const* said = nullptr;
        for (ssize_t size = 0; (size = nghttp2_session_mem_send(native_.get(), &said)) > 0;)
            line_.to_client.append(reinterpret_cast<char const*>(said),
                                   static_cast<std::size_t>(size)); // NOLINT
    }

    void answer(std::int32_t id, std::string status, std::string body, std::vector<field> more = {}) {
        more.insert(more.begin(), {":status", std::move(status)});
        bodies_[id] = std::move(body);
        submit_head(id, more, true);
    }
    /// The head alone; the answer goes on.
    void begin_answer(std::int32_t id, std::vector<field> const& fields) { submit_head(id, fields, false); }
    void reset(std::int32_t id, std::uint32_t why) { nghttp2_submit_rst_stream(native_.get(), 0, id, why); }
    void go_away(std::int32_t last, std::uint32_t why = NGHTTP2_NO_ERROR) {
        nghttp2_submit_goaway(native_.get(), 0, last, why, nullptr, 0);
    }
    void ping() { nghttp2_submit_ping(native_.get(), 0, nullptr); }
    void set(nghttp2_settings_id what, std::uint32_t value) {
        nghttp2_settings_entry const one{what, value};
        nghttp2_submit_settings(native_.get(), 0, &one, 1);
    }
    /// A frame as it is, past nghttp2.
    void say(std::string_view frame) { line_.to_client.append(frame); }

    std::map<std::int32_t, request> requests;
    std::map<std::int32_t, std::uint32_t> resets; ///< by the client, with their codes
    unsigned pings = 0;

private:
    static http2_peer& self(void* context) { return *static_cast<http2_peer*>(context); }
    static int on_header(nghttp2_session*, nghttp2_frame const* frame, std::uint8_t const* name,
                         std::size_t name_size, std::uint8_t const* value, std::size_t size,
                         std::uint8_t flags, void* context) {
        std::string const of(reinterpret_cast<char const*>(name), name_size); // NOLINT
        auto& one = self(context).requests[frame->hd.stream_id];
        one.fields[of].assign(reinterpret_cast<char const*>(value), size); // NOLINT
        one.flags[of] = flags;
        return 0;
    }
    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, std::uint8_t const* data,
                       std::size_t size, void* context) {
        self(context).requests[id].body.append(reinterpret_cast<char const*>(data), size); // NOLINT
        return 0;
    }
    static int on_frame(nghttp2_session*, nghttp2_frame const* frame, void* context) {
        auto const id = frame->hd.stream_id;
        if (frame->hd.type == NGHTTP2_RST_STREAM) self(context).resets[id] = frame->rst_stream.error_code;
        if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0)
            ++self(context).pings;
        bool const is_part = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        if (is_part && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
            self(context).requests[id].complete = true;
        return 0;
    }
    static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* to, std::size_t room,
                             std::uint32_t* flags, nghttp2_data_source*, void* context) {
        auto& left = self(context).bodies_[id];
        auto const size = std::min(room, left.size());
        std::copy_n(left.data(), size, to);
        left.erase(0, size);
        if (left.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(size);
    }
    void submit_head(std::int32_t id, std::vector<field> const& fields, bool with_body) {
        std::vector<nghttp2_nv> all;
        for (auto const& [name, value] : fields)
            all.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
        nghttp2_data_provider body{};
        body.read_callback = read_body;
        if (with_body)
            nghttp2_submit_response(native_.get(), id, all.data(), all.size(), &body);
        else
            nghttp2_submit_headers(native_.get(), 0, id, nullptr, all.data(), all.size(), nullptr);
    }
    static std::uint8_t* bytes(std::string const& text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); // NOLINT
    }

    struct deleter {
        void operator()(nghttp2_session* one) const noexcept { nghttp2_session_del(one); }
    };
    memory_line& line_;
    std::map<std::int32_t, std::string> bodies_;
    std::unique_ptr<nghttp2_session, deleter> native_;
};

} // namespace test
