// A thread, an io_context and a client for each core: nothing is shared, so nothing is locked.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;

asio::awaitable<void> handle(sts::token_source tokens, std::atomic<int>& handled) {
    auto const token = co_await tokens.try_get();
    if (token.has_value()) ++handled;
}

// [core]
/// Runs one core's part of the service.
void run_core(sts::client_options options, sts::exchange_request request, std::atomic<int>& handled) {
    options.thread_safe = false;      // disables its locks: only this thread uses the client
    options.pool.max_connections = 2; // for each core
    asio::io_context context(1);
    sts::client const client(context.get_executor(), options);
    sts::token_source const tokens(client, request);
    // [core]
    int left = 1000;
    for (int i = 0; i < 1000; ++i)
        asio::co_spawn(context, handle(tokens, handled), [&](std::exception_ptr const&) {
            if (--left == 0) tokens.close(), client.close();
        });
    context.run();
}

int main() {
    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    auto const request = sts::exchange_request(sts::subject_token(service.id_token()))
                             .scope(sts::scope::role_assignments("4711"));

    auto const cores = static_cast<int>(std::max(2U, std::thread::hardware_concurrency()));
    std::atomic<int> handled = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < cores; ++i)
        threads.emplace_back([&] { run_core(options, request, handled); });
    for (auto& thread : threads)
        thread.join();
    std::cout << cores << " cores handled " << handled << " requests with " << service.requests()
              << " exchanges\n";
    return handled == cores * 1000 && service.requests() == static_cast<std::size_t>(cores) ? 0 : 1;
}
