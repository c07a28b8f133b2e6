// The mock's server over HTTP/2.
#include "testing/server.hpp"
#include "testing/server_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace equinix::sts::testing {

namespace asio = boost::asio;

namespace {

constexpr auto in_quiet = asio::as_tuple(asio::use_awaitable);

/// ALPN (RFC 7301): HTTP/2 for a client that offers it; the others get no answer, and speak HTTP/1.1.
int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* size, unsigned char const* offered,
                    unsigned offered_size, void*) {
    static constexpr unsigned char ours[] = "\x02h2"; // `chosen` points into it
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, ours, sizeof(ours) - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

void mock_server::offer_http2(asio::ssl::context& tls) {
    SSL_CTX_set_alpn_select_cb(tls.native_handle(), choose_protocol, nullptr);
}

struct mock_server::http2_peer {
    http2_peer(std::shared_ptr<peer> over, std::uint32_t most_streams)
        : below(std::move(over)), connection(most_streams) {}

    std::shared_ptr<peer> below;
    http2_connection connection;
    bool writing = false;
    bool silent = false;
    bool collecting = false; ///< what is answered at once leaves in one write
    bool ended = false;
};

asio::awaitable<void> mock_server::serve_http2(std::shared_ptr<peer> with) {
    auto const both = std::make_shared<http2_peer>(with, most_streams_);
    for (;;) {
        co_await flush(both);
        if (both->ended) break;
        std::array<char, 16384> block; // NOLINT: filled by the read
        with->idle = both->connection.is_idle();
        auto const got = co_await with->stream.async_read_some(asio::buffer(block), in_quiet);
        with->idle = false;
        if (std::get<0>(got) || both->ended) break;
        if (!both->connection.receive({block.data(), std::get<1>(got)})) break;
        both->collecting = true;
        while (auto request = both->connection.next())
            asio::co_spawn(context_,
                           respond_http2(both, std::make_shared<http2_request>(std::move(*request))),
                           asio::detached);
        both->collecting = false;
        while (both->silent)
            co_await held_.async_receive(in_quiet);
    }
    both->ended = true;
    co_await close(with);
}

asio::awaitable<void> mock_server::respond_http2(std::shared_ptr<http2_peer> to,
                                                 std::shared_ptr<http2_request> request) {
    auto const answer = answer_for(request->raw, request->method != "HEAD");
    if (answer.delay_.count() > 0) {
        asio::steady_timer timer(context_, answer.delay_);
        co_await timer.async_wait(in_quiet);
    }
    if (answer.held_) {
        to->silent = answer.silent_;
        co_await held_.async_receive(in_quiet);
        to->silent = false;
    }
    if (to->ended) co_return;
    auto& connection = to->connection;
    bool const whole = answer.end_after_ == std::size_t(-1);
    constexpr std::uint32_t internal_error = 2; // RFC 9113 section 7
    if (answer.stream_reset_ || answer.raw_) {
        connection.reset(request->stream, answer.stream_reset_.value_or(internal_error));
    } else if (whole) {
        endpoint_request const asked{request->method,        request->target, request->content_type,
                                     request->authorization, request->body,   request->host,
                                     request->dpop};
        auto content = content_of(answer, &asked);
        if (request->method == "HEAD") content.body.clear();
        if (answer.ending_ != mock_answer::ending::keep) connection.go_away();
        connection.answer(request->stream, content.status, content.headers, std::move(content.body));
    }
    co_await flush(to);
    if (answer.ending_ == mock_answer::ending::keep) co_return;
    while (to->collecting || to->writing)
        co_await asio::post(context_, asio::use_awaitable);
    co_await flush(to);
    boost::system::error_code ignored;
    auto& socket = to->below->stream.lowest_layer();
    to->ended = true;
    if (answer.ending_ == mock_answer::ending::reset)
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
    if (answer.ending_ == mock_answer::ending::close)
        socket.cancel(ignored); // what waits in the read closes it in order
    else
        socket.close(ignored);
}

/// Sends what is to be sent; one coroutine at a time does so for all.
asio::awaitable<void> mock_server::flush(std::shared_ptr<http2_peer> to) {
    if (to->writing || to->silent || to->collecting) co_return;
    to->writing = true;
    for (;;) {
        auto const bytes = to->connection.to_send();
        if (bytes.empty()) break;
        auto const sent = co_await asio::async_write(to->below->stream, asio::buffer(bytes), in_quiet);
        if (std::get<0>(sent)) break;
    }
    to->writing = false;
}

} // namespace equinix::sts::testing
