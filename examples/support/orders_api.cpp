#include "support/orders_api.hpp"

#include "support/https.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace support {

namespace asio = boost::asio;
namespace http = boost::beast::http;

orders_api::orders_api(equinix::sts::testing::mock_sts const& issuer)
    : issuer_(issuer), tls_(server_tls(issuer)), acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()) {
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
}

orders_api::~orders_api() {
    context_.stop();
    thread_.join();
}

asio::awaitable<void> orders_api::accept() {
    for (;;) {
        auto peer = co_await next_connection(acceptor_);
        asio::co_spawn(context_, serve(std::move(peer)), asio::detached);
    }
}

asio::awaitable<void> orders_api::serve(tcp::socket peer) {
    asio::ssl::stream<tcp::socket> stream(std::move(peer), tls_);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    co_await http::async_read(stream, buffer, request, asio::use_awaitable);
    auto const header = std::string(request[http::field::authorization]);
    bool const good = header.starts_with("Bearer ") && accepts(header.substr(7));
    http::response<http::string_body> answer(good ? http::status::ok : http::status::unauthorized, 11);
    if (good) answer.body() = "2 orders for " + issuer_.claims(header.substr(7)).value_or("nobody");
    answer.prepare_payload();
    co_await http::async_write(stream, answer, asio::use_awaitable);
}

bool orders_api::accepts(std::string const& token) {
    if (revoked_.empty()) revoked_ = token;
    return token != revoked_ && issuer_.claims(token).has_value();
}

} // namespace support
