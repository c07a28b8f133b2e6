// A service that awaits a token on each request, shows it to an API, and when the API refuses it (401) gives
// it up and tries once more. The API here is a coroutine in this process that takes the second token only.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

asio::awaitable<http::status> ask(tcp::endpoint api, sts::secret authorization) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(api, asio::use_awaitable);
    http::request<http::empty_body> request(http::verb::get, "/orders", 11);
    request.set(http::field::host, "api.example.test");
    request.set(http::field::authorization, std::string_view(authorization.reveal()));
    co_await http::async_write(socket, request, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    co_await http::async_read(socket, buffer, response, asio::use_awaitable);
    co_return response.result();
}

asio::awaitable<http::status> call_api(sts::token_source tokens, tcp::endpoint api) {
    auto token = co_await tokens.get(); // at once, but for the first time
    auto status = co_await ask(api, token->authorization());
    if (status == http::status::unauthorized) {
        tokens.invalidate(*token); // however many callers do so: one exchange
        token = co_await tokens.get();
        status = co_await ask(api, token->authorization());
    }
    co_return status;
}

asio::awaitable<void> serve_twice(tcp::acceptor& acceptor) {
    for (auto const status : {http::status::unauthorized, http::status::ok}) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        boost::beast::flat_buffer buffer;
        http::request<http::string_body> request;
        co_await http::async_read(socket, buffer, request, asio::use_awaitable);
        http::response<http::empty_body> response(status, 11);
        co_await http::async_write(socket, response, asio::use_awaitable);
    }
}

int main() {
    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.ca_pem = service.ca_pem();

    asio::io_context context;
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    sts::token_source const tokens(sts::client(context.get_executor(), options),
                                   sts::exchange_request(sts::subject_token(service.id_token()))
                                       .scope(sts::scope::role_assignments("4711")));
    http::status last{};
    asio::co_spawn(context, serve_twice(acceptor), asio::detached);
    asio::co_spawn(context, call_api(tokens, acceptor.local_endpoint()),
                   [&](std::exception_ptr const& thrown, http::status status) {
                       if (!thrown) last = status;
                       tokens.close(); // or let the last handle go
                   });
    context.run();
    std::cout << "the API said " << last << ", after " << service.requests() << " exchanges\n";
    return last == http::status::ok ? 0 : 1;
}
