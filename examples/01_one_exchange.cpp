// One token exchange: an OIDC ID token goes in, an access token comes out.
//
// Runs against a mock of the service in this process. For the real service, leave the mock out, keep the
// default options and pass the ID token that your platform provides.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;

// [exchange]
asio::awaitable<void> run(sts::client client, sts::subject_token id_token, int& status) {
    try {
        auto const request = sts::exchange_request(id_token).scope(sts::scope::role_assignments("4711"));
        auto const token = co_await client.exchange(request);
        std::cout << token.token_type << " token of " << token.access_token.size() << " bytes, valid for "
                  << token.expires_in.value_or(std::chrono::seconds(0)).count() << " s\n";
        status = 0;
    } catch (sts::error const& error) {
        std::cerr << error.what() << '\n'; // what happened and what to do, without secrets
    }
    client.close(); // or destroy the last handle: idle connections keep io_context::run() running
}
// [exchange]

int main() {
    sts::testing::mock_sts const service;

    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    int status = 1;
    asio::co_spawn(
        context,
        run(sts::client(context.get_executor(), options), sts::subject_token(service.id_token()), status),
        asio::detached);
    context.run();
    return status;
}
