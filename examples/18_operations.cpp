// A service in operation: graceful shutdown, renewed certificates, a second endpoint, and a token of another
// scope at run time.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using namespace std::chrono_literals;

// [drain]
asio::awaitable<void> until_terminated(sts::token_source tokens, sts::client client) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
    co_await signals.async_wait(asio::use_awaitable);
    // 1. Here: accept no further connections, and wait for the requests in progress. They may need tokens.
    co_await tokens.shutdown(); // 2. callers that wait still get their token
    co_await client.shutdown(); // 3. exchanges in flight end, within shutdown_timeout
} // 4. nothing is left to do, and io_context::run() returns
// [drain]

// [reload]
asio::awaitable<void> reload_on_hangup(sts::client client) {
    asio::signal_set hangup(co_await asio::this_coro::executor, SIGHUP);
    for (;;) {
        auto const waited = co_await hangup.async_wait(asio::as_tuple(asio::use_awaitable));
        if (std::get<0>(waited)) co_return;
        try {
            client.reload_certificates(); // authorities, client certificate, key
        } catch (sts::error const& error) {
            std::cerr << error.what() << '\n'; // the old ones stay in use
        }
    }
}
// [reload]

// [failover]
asio::awaitable<sts::result<sts::token>> from_either(sts::client first, sts::client second,
                                                     sts::exchange_request request) {
    auto const result = co_await first.try_exchange(sts::exchange_request(request).timeout(2s));
    if (!result.has_error() || !result.error().retryable()) co_return result;
    auto other = co_await second.try_exchange(request);
    co_return other;
}
// [failover]

// [scope]
asio::awaitable<void> with_another_scope(sts::token_cache tokens, sts::exchange_request request,
                                         std::string organisation) {
    request.scope(sts::scope::role_assignments(organisation));
    auto const token = co_await tokens.get(request, 5s); // a key of its own: fetched once, then kept
    std::cout << "a token for " << token->scope.value_or("?") << '\n';
}
// [scope]

int main() {
    sts::testing::mock_sts const service;
    sts::testing::mock_sts broken;
    broken.always(sts::testing::mock_answer::error(503, ""));
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    auto elsewhere = options;
    elsewhere.endpoint = sts::endpoint(broken.url());
    elsewhere.tls.ca_pem = broken.ca_pem();
    elsewhere.retry.max_attempts = 2;

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    sts::client const primary(context.get_executor(), elsewhere);
    auto const request = sts::exchange_request(sts::subject_token(service.id_token())).scope(sts::scope("s"));
    sts::token_source const tokens(client, request);
    sts::token_cache const cache(client);
    int succeeded = 0;
    auto const count = [&](std::exception_ptr const& thrown) { succeeded += thrown ? 0 : 1; };
    asio::co_spawn(context, reload_on_hangup(client), asio::detached);
    asio::co_spawn(context, until_terminated(tokens, client), [&](std::exception_ptr const& thrown) {
        count(thrown);
        context.stop(); // because the handler of SIGHUP waits forever
    });
    asio::co_spawn(context, with_another_scope(cache, request, "4711"), count);
    asio::co_spawn(context, from_either(primary, client, request),
                   [&](std::exception_ptr const& thrown, sts::result<sts::token> const& got) {
                       succeeded += !thrown && got.has_value() ? 1 : 0;
                       std::raise(SIGHUP);
                       std::raise(SIGTERM);
                   });
    context.run();
    std::cout << succeeded << " of 3 went well\n";
    return succeeded == 3 ? 0 : 1;
}
