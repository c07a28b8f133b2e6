// Makes a thousand concurrent exchanges over at most eight connections.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <iostream>
#include <string>

namespace sts = equinix::sts;
namespace asio = boost::asio;

constexpr int total = 1000;

struct tally {
    int tokens = 0, failures = 0;
    bool watched = ::isatty(STDERR_FILENO) == 1; // shows progress only on a terminal

    int done() const { return tokens + failures; }
    void show() const {
        if (watched && done() % 10 == 0) std::cerr << '\r' << done() << " of " << total << std::flush;
        if (watched && done() == total) std::cerr << '\n';
    }
};

asio::awaitable<void> one(sts::client client, sts::exchange_request request, tally& count) {
    auto const result = co_await client.try_exchange(request);
    if (result.has_value()) {
        ++count.tokens;
    } else {
        ++count.failures;
        std::cerr << result.error().to_string() << '\n';
    }
    count.show();
    if (count.done() == total) client.close();
}

int main() {
    sts::testing::mock_sts const service;

    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    options.pool.max_connections = 8;

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    sts::subject_token const id_token(service.id_token());
    tally count;
    for (int i = 0; i < total; ++i) {
        auto request = sts::exchange_request(id_token).scope(sts::scope::role_assignments(std::to_string(i)));
        asio::co_spawn(context, one(client, std::move(request), count), asio::detached);
    }
    context.run();

    std::cout << count.tokens << " tokens over " << service.handshakes() << " connections\n";
    return count.tokens == total ? 0 : 1;
}
