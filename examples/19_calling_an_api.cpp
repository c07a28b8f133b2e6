// Calls an API with Boost.Beast: adds the token, and repeats a call whose token was refused. The API here
// accepts only the second token.
#include "support/https.hpp"
#include "support/orders_api.hpp"

#include <equinix/sts.hpp>
#include <equinix/sts/authorized_api.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
namespace http = boost::beast::http;

// [call]
/// How your program sends a request: here over a new connection.
struct transport {
    asio::awaitable<support::response> operator()(support::request const& request) const {
        return support::https_send(port, ca_pem, request);
    }
    std::uint16_t port;
    std::string ca_pem;
};

asio::awaitable<std::string> orders(sts::authorized_api api, transport send) {
    support::request const request(http::verb::get, "/orders", 11);
    auto const answer = co_await api.send("https://localhost/orders", request, send);
    co_return answer.body();
}
// [call]

int main() {
    sts::testing::mock_sts const service;
    support::orders_api const orders_api(service);
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    sts::token_source const tokens(client, sts::exchange_request(sts::subject_token(service.id_token()))
                                               .scope(sts::scope::role_assignments("4711")));
    sts::authorized_api const api(tokens); // one for each API
    transport const send{orders_api.port(), orders_api.ca_pem()};
    std::string got;
    asio::co_spawn(context, orders(api, send), [&](std::exception_ptr const& thrown, std::string body) {
        if (!thrown) got = std::move(body);
        tokens.close();
        client.close();
    });
    context.run();
    std::cout << "the API returned " << got.substr(0, got.find(" for ")) << ", after " << service.requests()
              << " exchanges\n";
    return got.starts_with("2 orders") ? 0 : 1;
}
