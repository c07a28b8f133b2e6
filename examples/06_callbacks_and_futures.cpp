// Use without coroutines: a callback, and a future for code that blocks.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <iostream>
#include <thread>

namespace sts = equinix::sts;
namespace asio = boost::asio;

int main() {
    sts::testing::mock_sts service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    auto const request = sts::exchange_request(sts::subject_token(service.id_token()))
                             .scope(sts::scope::role_assignments("4711"));
    auto work = asio::make_work_guard(context); // otherwise run() returns before the first exchange
    std::thread io([&] { context.run(); });

    // [callback]
    asio::co_spawn(context, client.try_exchange(request), // the handler runs on the context's thread
                   [](std::exception_ptr const& thrown, sts::result<sts::token> const& got) {
                       if (thrown) return; // out of memory, or cancelled before the start
                       if (got.has_error())
                           std::cerr << got.error().to_string() << '\n';
                       else
                           std::cout << "the callback has a token\n";
                   });
    // [callback]

    int status = 1;
    // [future]
    auto future = asio::co_spawn(context, client.exchange(request), asio::use_future);
    try {
        auto const token = future.get(); // not on the context's thread, which would wait for itself
        std::cout << "the future has a token\n";
        status = 0;
    } catch (sts::error const& failed) {
        std::cerr << failed.what() << '\n';
    }
    // [future]

    auto closed =
        asio::co_spawn(context, client.shutdown(), asio::use_future); // waits for the callback's exchange
    closed.get();
    work.reset();
    io.join();
    return status;
}
