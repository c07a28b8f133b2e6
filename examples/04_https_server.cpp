// An HTTPS server whose handlers await a token and use it to call another API.
#include "support/https.hpp"
#include "support/orders_api.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using asio::use_awaitable;

asio::awaitable<support::response> handle(sts::token_source tokens, support::orders_api const& api) {
    for (int attempt = 1;; ++attempt) {
        auto const token = co_await tokens.try_get(std::chrono::seconds(2));
        if (token.has_error()) co_return support::response(http::status::service_unavailable, 11);
        auto answer =
            co_await support::https_get(api.port(), api.ca_pem(), "/orders", (*token)->authorization());
        if (answer.result() != http::status::unauthorized || attempt == 2) co_return answer;
        tokens.invalidate(**token); // try once more, with another token
    }
}

asio::awaitable<void> serve(tcp::socket socket, asio::ssl::context& tls, sts::token_source tokens,
                            support::orders_api const& api) {
    asio::ssl::stream<tcp::socket> peer(std::move(socket), tls);
    co_await peer.async_handshake(asio::ssl::stream_base::server, use_awaitable);
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    co_await http::async_read(peer, buffer, request, use_awaitable);
    auto answer = co_await handle(tokens, api);
    answer.prepare_payload();
    co_await http::async_write(peer, answer, use_awaitable);
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, asio::ssl::context& tls, sts::token_source tokens,
                             support::orders_api const& api) {
    for (;;) {
        auto socket = co_await support::next_connection(acceptor);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), tls, tokens, api), asio::detached);
    }
}

int main() {
    sts::testing::mock_sts const service;
    support::orders_api const api(service);
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    sts::token_source const tokens(sts::client(context.get_executor(), options),
                                   sts::exchange_request(sts::subject_token(service.id_token()))
                                       .scope(sts::scope::role_assignments("4711")));
    auto tls = support::server_tls(service);
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    asio::co_spawn(context, listen(acceptor, tls, tokens, api), asio::detached);

    http::status last{};
    asio::co_spawn(context,
                   support::https_get(acceptor.local_endpoint().port(), service.ca_pem(), "/", sts::secret()),
                   [&](std::exception_ptr const& thrown, support::response answer) {
                       if (!thrown) last = answer.result();
                       context.stop();
                   });
    context.run();
    std::cout << "our server returned " << last << ", after " << service.requests() << " exchanges\n";
    return last == http::status::ok ? 0 : 1;
}
