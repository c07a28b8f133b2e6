// Testing your service against the mock: success and failure. Use your test framework in place of main().
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using sts::testing::mock_answer;

/// The code under test: a part of a service that needs a token.
asio::awaitable<std::string> greet(sts::client client, sts::exchange_request request) {
    auto const token = co_await client.try_exchange(request);
    if (token.has_value()) co_return "hello";
    co_return token.error().retryable() ? "later" : "never";
}

// [test]
struct fixture {
    sts::testing::mock_sts service; // TLS on 127.0.0.1, a free port, its own thread
    sts::client_options options;

    fixture() {
        options.endpoint = sts::endpoint(service.url());
        options.tls.ca_pem = service.ca_pem();
        options.timeout = std::chrono::seconds(20);
    }
    std::string greeting(sts::testing::id_token_claims const& claims = sts::testing::id_token_claims()) {
        asio::io_context context;
        sts::client const client(context.get_executor(), options);
        auto const request =
            sts::exchange_request(sts::subject_token(service.id_token(claims))).scope(sts::scope("s"));
        std::string said;
        asio::co_spawn(context, greet(client, request), [&](std::exception_ptr const&, std::string text) {
            said = std::move(text);
            client.close();
        });
        context.run();
        return said;
    }
};

int main() {
    int wrong = 0;
    auto const check = [&](bool right, char const* what) {
        std::cout << (right ? "passed: " : "FAILED: ") << what << '\n';
        wrong += !right;
    };
    fixture good;
    check(good.greeting() == "hello", "greets with a token");

    fixture flaky;
    flaky.service.next(mock_answer::error(503, "").header("Retry-After", "0"));
    flaky.service.next(mock_answer::genuine().reset_after(20)); // ends within the response's header
    check(flaky.greeting() == "hello" && flaky.service.requests() == 3,
          "survives a 503 and a lost connection");

    fixture down;
    down.service.always(mock_answer::error(503, "").header("Retry-After", "3600"));
    check(down.greeting() == "later" && down.service.requests() == 1, "does not wait for an hour");

    fixture expired;
    auto const claims = sts::testing::id_token_claims().lifetime(std::chrono::seconds(-1));
    check(expired.greeting(claims) == "never", "reports that an expired ID token cannot be used");
    return wrong;
}
// [test]
