// What operators do to a service while it is used, and what gateways say of a service that is gone.
#include "interop/origin.hpp"

#include <boost/asio/steady_timer.hpp>

using namespace test;
using sts::error_kind;

namespace {

nginx_server::setup generation(int number) {
    return {.location = nginx_server::answer("generation-" + std::to_string(number))};
}

/// Reloads every 100 ms, with another token each time.
asio::awaitable<void> reload_often(nginx_server& server, int times) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    for (int i = 1; i <= times; ++i) {
        timer.expires_after(std::chrono::milliseconds(100));
        co_await timer.async_wait(asio::use_awaitable);
        server.reload(generation(i));
    }
}

asio::awaitable<void> exchange_until(sts::client client, std::string const& last, tally& all) {
    auto const give_up = std::chrono::steady_clock::now() + patience;
    while (all.latest != last && std::chrono::steady_clock::now() < give_up) {
        auto const ended = co_await client.try_exchange(caller::request());
        all.add(ended);
    }
}

/// The error of an exchange that a gateway answers for a service that is not there.
sts::error_info unavailable(caller& by, origin const& server) {
    auto const ended = by.exchange(by.client(server.options()));
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::unavailable);
    BOOST_TEST(ended.error().retryable());
    return ended.error();
}

/// An exchange that begins while the server is down ends with a token.
void check_restart(caller& by, origin& server) {
    auto options = server.options();
    options.retry = sts::retry_options();
    options.retry.base_delay = options.retry.max_delay = std::chrono::milliseconds(5);
    auto const sts_client = by.client(options);
    BOOST_TEST(by.exchange(sts_client).has_value());
    server.stop();
    started late(by.context, sts_client, caller::request());
    run_until(by.context, [&] { return sts_client.stats().retries > 5; });
    server.start_again();
    BOOST_TEST(late.wait().has_value());
    BOOST_TEST(by.exchange(sts_client).has_value());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(operations, caller)

BOOST_AUTO_TEST_CASE(G16_nginx_that_restarts, *needs({"nginx"})) {
    nginx_server server({.location = nginx_server::answer()});
    check_restart(*this, server);
}

BOOST_AUTO_TEST_CASE(G16_haproxy_that_restarts, *needs({"haproxy"})) {
    haproxy_server server({.defaults = "  timeout client 10s", .frontend = haproxy_server::answer()});
    check_restart(*this, server);
}

BOOST_AUTO_TEST_CASE(E12_nginx_reload_under_load, *needs({"nginx"})) {
    constexpr int reloads = 10;
    constexpr int coroutines = 20;
    nginx_server server(generation(0));
    auto const sts_client = client(server.options());
    auto const last = "generation-" + std::to_string(reloads);
    tally all;
    int under_way = coroutines + 1;
    auto const ended = [&](std::exception_ptr thrown) {
        BOOST_TEST(!thrown);
        --under_way;
    };
    for (int i = 0; i < coroutines; ++i)
        asio::co_spawn(context, exchange_until(sts_client, last, all), ended);
    asio::co_spawn(context, reload_often(server, reloads), ended);
    run_until(context, [&] { return under_way == 0; });
    BOOST_TEST(all.latest == last);
    BOOST_TEST(all.tokens > coroutines);
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nginx_503, *needs({"nginx"})) {
    nginx_server const server({.location = "return 503;"});
    BOOST_TEST(unavailable(*this, server).http_status == 503U);
}

BOOST_AUTO_TEST_CASE(nginx_502_for_an_upstream_that_is_down, *needs({"nginx"})) {
    reserved_port const nobody;
    nginx_server const server(
        {.location = "proxy_pass http://127.0.0.1:" + std::to_string(nobody.number()) + ";"});
    BOOST_TEST(unavailable(*this, server).http_status == 502U);
}

BOOST_AUTO_TEST_CASE(haproxy_503_for_a_backend_that_is_down, *needs({"haproxy"})) {
    reserved_port const nobody;
    haproxy_server const server(
        {.defaults = "  timeout client 10s\n  retries 0",
         .frontend = "  default_backend gone",
         .rest = "backend gone\n  server one 127.0.0.1:" + std::to_string(nobody.number())});
    BOOST_TEST(unavailable(*this, server).http_status == 503U);
}

BOOST_AUTO_TEST_SUITE_END()
