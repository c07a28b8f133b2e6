// Four ways to limit a wait: a deadline of the request, a timer beside it, a signal, and a caller that gives
// up waiting for a token that others still want.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

// [deadline]
asio::awaitable<sts::error_info> with_a_deadline(sts::client client, sts::exchange_request request) {
    auto const result = co_await client.try_exchange(request.timeout(50ms)); // includes all retries
    co_return result.error(); // kind timeout; the phase says where the time was spent
}
// [deadline]

// [timer]
asio::awaitable<bool> beside_a_timer(sts::client client, sts::exchange_request request) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 50ms);
    // Use try_exchange(): || waits for the first success, and an exception is not a success.
    auto const first = co_await (client.try_exchange(request) || timer.async_wait(asio::use_awaitable));
    co_return first.index() == 1; // true if the exchange was cancelled
}
// [timer]
// [waiter]
asio::awaitable<sts::error_info> without_patience(sts::token_source tokens) {
    auto const token = co_await tokens.try_get(50ms); // the other callers continue to wait
    co_return token.error();
}
// [waiter]

int main() {
    sts::testing::mock_sts service;
    service.always(sts::testing::mock_answer::genuine().hold()); // no answer before release()
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    auto const request = sts::exchange_request(sts::subject_token(service.id_token())).scope(sts::scope("s"));
    sts::token_source const tokens(client, request);
    int right = 0;
    auto const tell = [&](char const* name) {
        return [&right, name](std::exception_ptr const&, sts::error_info const& info) {
            std::cout << name << ": " << info.to_string() << '\n';
            right += info.kind == sts::error_kind::timeout || info.kind == sts::error_kind::canceled;
        };
    };
    asio::co_spawn(context, with_a_deadline(client, request), tell("a deadline"));
    asio::co_spawn(context, without_patience(tokens), tell("a caller who left"));
    asio::co_spawn(
        context, beside_a_timer(client, request), [&](std::exception_ptr const&, bool timer_first) {
            std::cout << "a timer: " << (timer_first ? "the timer" : "the exchange") << " finished first\n";
            right += timer_first;
        });
    // [signal]
    asio::cancellation_signal stop;
    asio::co_spawn(context, client.try_exchange(request),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, auto const& result) {
                       tell("a signal")(nullptr, result.error());
                   }));
    asio::post(context, [&] { stop.emit(asio::cancellation_type::terminal); }); // on the context's thread
    // [signal]
    asio::steady_timer enough(context, 300ms);
    enough.async_wait([&](auto) { tokens.close(), client.close(); });
    context.run();
    return right == 4 ? 0 : 1;
}
