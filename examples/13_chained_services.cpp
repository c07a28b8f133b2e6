// A chain of token services: the first issues an identity assertion, which the second exchanges for an access
// token.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;

// [chain]
sts::exchange_request at_the_second(sts::client const& first, sts::subject_token id_token) {
    auto const asked = sts::exchange_request(id_token)
                           .scope(sts::scope("orders"))
                           .requested_token_type(sts::token_types::id_jag)
                           .audience("https://second.example.com");
    sts::token_source const assertions(first, asked);
    return sts::exchange_request::jwt_bearer(sts::suppliers::exchange(assertions))
        .scope(sts::scope("orders"));
}
// [chain]

sts::client_options options_for(sts::testing::mock_sts const& service) {
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    return options;
}

asio::awaitable<void> run(sts::client first, sts::client second, sts::subject_token id_token, bool& good) {
    sts::token_source const tokens(second, at_the_second(first, id_token));
    auto const token = co_await tokens.get();
    auto const again = co_await tokens.get(); // cached: no request to either service
    std::cout << token->token_type << " token of " << token->access_token.size() << " bytes\n";
    good = token == again;
    first.close();
    second.close();
}

int main() {
    sts::testing::mock_options named;
    named.identifier = "https://second.example.com"; // the audience that an assertion for it must name
    sts::testing::mock_sts const first;
    sts::testing::mock_sts second(named);
    second.trust(first);

    asio::io_context context;
    sts::client const at_first(context.get_executor(), options_for(first));
    sts::client const at_second(context.get_executor(), options_for(second));
    bool good = false;
    asio::co_spawn(context, run(at_first, at_second, sts::subject_token(first.id_token()), good),
                   [](std::exception_ptr failed) {
                       if (failed) std::rethrow_exception(failed);
                   });
    context.run();
    return good && first.requests() == 1 && second.requests() == 1 ? 0 : 1;
}
