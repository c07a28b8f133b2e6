// The library's main job, in the program's own context.
#include "check.hpp"

#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace sts = equinix::sts;

namespace {

constexpr int exchanges = 200;

asio::awaitable<void> one(sts::client client, sts::exchange_request request, std::atomic<int>& tokens) {
    auto const token = co_await client.exchange(request);
    if (!token.access_token.empty() && ++tokens == exchanges) client.close();
}

check const exchange("exchange", [] {
    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    options.pool.max_connections = 8;

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    sts::exchange_request const request = sts::exchange_request(sts::subject_token(service.id_token()))
                                              .scope(sts::scope::role_assignments("4711"));
    std::atomic<int> tokens = 0;
    for (int i = 0; i < exchanges; ++i) {
        asio::co_spawn(context, one(client, request, tokens), [&client](std::exception_ptr error) {
            if (!error) return;
            client.close();
            std::rethrow_exception(error);
        });
    }
    std::vector<std::thread> threads;
    std::exception_ptr error;
    std::mutex lock;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            try {
                context.run();
            } catch (...) {
                std::lock_guard const held(lock);
                error = std::current_exception();
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    if (error) std::rethrow_exception(error);
    equal("the number of tokens", tokens.load(), exchanges);
});

} // namespace
