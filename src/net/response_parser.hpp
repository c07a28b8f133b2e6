// Beast's HTTP/1 parser, restricted to what an OAuth client reads.
#pragma once

#include "net/answer_storage.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>

namespace equinix::sts::net {

/// Parses one message into `storage`. Stricter than Beast: rejects everything that could be read in two ways
/// (RFC 9112), which is a version other than 1.0 and 1.1, an unsolicited 101, a transfer coding other than a
/// plain `chunked`, two media types. Such an error is an `error_kind` as an error code. In one respect it is
/// laxer: a status line may end after the status, without the space that precedes a reason phrase.
class response_parser final : public boost::beast::http::basic_parser<false> {
public:
    using error_code = boost::system::error_code;
    using string_view = boost::beast::string_view;

    response_parser(answer_storage& storage, std::size_t max_head, std::size_t max_body);

    /// As Beast's own: bytes that were not consumed must be passed again, with more after them.
    std::size_t put(boost::asio::const_buffer bytes, error_code& ec);

    /// 100, 102, 103: the final answer is still to come (RFC 9110 section 15.2).
    bool is_interim() const noexcept { return storage_.status >= 100 && storage_.status < 200; }

    /// Whether the header of the last chunk was read. Older Boosts (1.83 among them) read it together with
    /// the trailer, newer ones (1.88) separately.
    bool saw_last_chunk() const noexcept { return last_chunk_seen_; }

    /// Whether the connection may carry another exchange after this complete answer.
    bool leaves_connection_usable() const;

private:
    using field = boost::beast::http::field;
    using verb = boost::beast::http::verb;
    using content_length = boost::optional<std::uint64_t>;

    void on_request_impl(verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int status, string_view reason, int version, error_code& ec) override;
    void on_field_impl(field name, string_view text, string_view value, error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(content_length const& length, error_code& ec) override;
    std::size_t on_body_impl(string_view part, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override {
        last_chunk_seen_ = size == 0;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code& ec) override;
    void on_finish_impl(error_code&) override {}

    answer_storage& storage_;
    int version_ = 0;
    unsigned codings_ = 0;
    bool length_given_ = false;
    bool header_seen_ = false;
    bool last_chunk_seen_ = false;
};

} // namespace equinix::sts::net
