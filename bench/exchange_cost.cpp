// What an exchange costs the client's own thread in CPU time, over 1, 8 and 64 connections that are open
// already. The mock serves from another thread, so its work (it signs and verifies) is not in the figure;
// nothing here is a measure of throughput. Build it in the release preset.
//
//   bench_exchange_cost [exchanges a round, default 20000]
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;

namespace {

double thread_cpu_us() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct round {
    int left = 0;
    int running = 0;
    int failed = 0;
};

asio::awaitable<void> loop(sts::client client, sts::exchange_request request, round& all) {
    while (all.left > 0) {
        --all.left;
        auto const got = co_await client.try_exchange(request);
        if (got.has_error()) ++all.failed;
    }
    --all.running;
}

/// CPU microseconds an exchange.
double measure(asio::io_context& context, sts::client const& client, sts::exchange_request const& request,
               int connections, int exchanges) {
    round all{exchanges, connections, 0};
    for (int i = 0; i < connections; ++i)
        asio::co_spawn(context, loop(client, request, all), asio::detached);
    auto const start = thread_cpu_us();
    context.restart();
    while (all.running > 0)
        context.run_one();
    auto const spent = thread_cpu_us() - start;
    if (all.failed != 0) std::cerr << all.failed << " exchanges failed\n";
    return spent / exchanges;
}

} // namespace

int main(int argc, char** argv) {
    int const exchanges = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20'000;
    constexpr int rounds = 5;
    sts::testing::mock_sts service;
    // A fixed answer: the mock's own work would only make the rounds longer.
    service.always(sts::testing::mock_answer::with(
        200, R"({"access_token":")" + std::string(700, 'x') +
                 R"(","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",)"
                 R"("token_type":"Bearer","expires_in":3600})"));
    auto const request = sts::exchange_request(sts::subject_token(std::string(1200, 'x')))
                             .scope(sts::scope::role_assignments("1"));
    std::cout << "connections  client CPU us an exchange (least, median, most of " << rounds << " rounds)\n";
    for (int const connections : {1, 8, 64}) {
        asio::io_context context(1);
        sts::client_options options;
        options.endpoint = sts::endpoint(service.url());
        options.ca_pem = service.ca_pem();
        options.max_connections = static_cast<std::size_t>(connections);
        sts::client const client(context.get_executor(), options);
        measure(context, client, request, connections, connections * 10); // opens the connections
        std::vector<double> costs;
        for (int i = 0; i < rounds; ++i)
            costs.push_back(measure(context, client, request, connections, exchanges));
        std::sort(costs.begin(), costs.end());
        std::cout << connections << "            " << costs.front() << "  " << costs[rounds / 2] << "  "
                  << costs.back() << "\n";
    }
}
