// A service that awaits a token for each request. If the API refuses the token (401), the service invalidates
// it and tries once more. The API here accepts only the second token.
#include "support/https.hpp"
#include "support/orders_api.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
namespace http = boost::beast::http;

// [use]
asio::awaitable<support::response> orders(sts::token_source tokens, support::orders_api const& api) {
    auto token = co_await tokens.get(); // immediate, except the first time
    auto answer = co_await support::https_get(api.port(), api.ca_pem(), "/orders", token->authorization());
    if (answer.result() == http::status::unauthorized) {
        tokens.invalidate(*token); // one exchange, however many callers do this
        token = co_await tokens.get();
        answer = co_await support::https_get(api.port(), api.ca_pem(), "/orders", token->authorization());
    }
    co_return answer;
}
// [use]

int main() {
    sts::testing::mock_sts const service;
    support::orders_api const api(service);
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    // [make]
    sts::client const client(context.get_executor(), options);
    sts::token_source const tokens(client, sts::exchange_request(sts::subject_token(service.id_token()))
                                               .scope(sts::scope::role_assignments("4711")));
    // [make]
    http::status last{};
    asio::co_spawn(context, orders(tokens, api),
                   [&](std::exception_ptr const& thrown, support::response answer) {
                       if (!thrown) last = answer.result();
                       tokens.close(); // or destroy the last handle
                       client.close();
                   });
    context.run();
    std::cout << "the API returned " << last << ", after " << service.requests() << " exchanges\n";
    return last == http::status::ok ? 0 : 1;
}
