// The server's side of one HTTP/2 connection of the mock, without I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct nghttp2_session;

namespace equinix::sts::testing {

struct http2_request {
    std::int32_t stream = 0;
    std::string method, target, content_type, authorization, body, host;
    std::string dpop; ///< several are joined by commas
    std::string raw;  ///< as HTTP/1.1 would have sent it
};

class http2_connection {
public:
    explicit http2_connection(std::uint32_t most_streams);
    http2_connection(http2_connection const&) = delete;
    http2_connection& operator=(http2_connection const&) = delete;
    ~http2_connection();

    /// Takes what was received. Returns false when it is not HTTP/2.
    bool receive(std::string_view bytes);

    /// The next request that is complete.
    std::optional<http2_request> next();

    void answer(std::int32_t stream, unsigned status,
                std::vector<std::pair<std::string, std::string>> const& fields, std::string body);
    void reset(std::int32_t stream, std::uint32_t why);

    /// No further request is taken; those received are answered.
    void go_away();

    /// Takes what is to be sent.
    std::string to_send();

    bool is_idle() const noexcept { return streams_.empty(); }

private:
    struct callbacks;
    struct stream {
        http2_request request;
        std::string answer;
        std::size_t sent = 0;
    };
    struct deleter {
        void operator()(nghttp2_session* one) const noexcept;
    };

    std::map<std::int32_t, stream> streams_;
    std::deque<http2_request> complete_;
    std::unique_ptr<nghttp2_session, deleter> native_;
};

} // namespace equinix::sts::testing
