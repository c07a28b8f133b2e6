// Many exchanges at a time over HTTP/2 (section M of doc/faults.md) with servers that others have written.
#include "interop/http2_servers.hpp"
#include "suppliers/fetching.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>

using namespace test;
using sts::error_kind;

namespace {

sts::client_options over_http2(sts::client_options made) {
    made.http = sts::http_version::http2;
    return made;
}

nginx_server::setup nginx_setup(std::string const& more = "") {
    return {.server = more, .location = nginx_server::answer(), .listen = "http2"};
}

haproxy_server::setup haproxy_setup() {
    return {
        .defaults = "  timeout client 10s", .bind = "alpn h2,http/1.1", .frontend = haproxy_server::answer()};
}

/// Each of `coroutines` exchanges 50 times; nothing fails.
void check_many(caller& by, sts::client const& client, int coroutines = 64) {
    tally all;
    by.exchange_often(client, coroutines, 50, all);
    BOOST_TEST(all.tokens == coroutines * 50);
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(client.stats().retries == 0U);
}

std::size_t count_of(std::vector<nginx_server::logged_request> const& all) {
    for (auto const& one : all) {
        BOOST_TEST(one.status == 200U);
        BOOST_TEST(one.line.ends_with(" HTTP/2.0"));
    }
    return all.size();
}

asio::awaitable<void> reload_often(nginx_server& server, int times, bool& over) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    for (int i = 0; i < times; ++i) {
        timer.expires_after(std::chrono::milliseconds(100));
        co_await timer.async_wait(asio::use_awaitable);
        server.reload(nginx_setup());
    }
    over = true;
}

asio::awaitable<void> exchange_until(sts::client client, bool const& over, tally& all) {
    while (!over) {
        auto const ended = co_await client.try_exchange(caller::request());
        all.add(ended);
    }
}

/// Exchanges with a scope of its own each time; the token must be for it. Half of them are cancelled at a
/// random moment.
struct canceling {
    explicit canceling(sts::client of) : client(std::move(of)) {}

    asio::awaitable<void> run(int times) {
        auto const executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor);
        for (int i = 0; i < times; ++i) {
            auto const scope = "roleassignments:" + std::to_string(++number);
            auto asked = caller::request();
            asked.scope(sts::scope(scope));
            asio::cancellation_signal stop;
            bool over = false;
            timer.expires_at(std::chrono::steady_clock::time_point::max());
            asio::co_spawn(
                executor, client.try_exchange(asked),
                asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, outcome const& got) {
                    over = true;
                    count(got, scope);
                    timer.cancel();
                }));
            if (random() % 2 == 0) {
                auto const executor_again = co_await asio::this_coro::executor;
                asio::steady_timer pause(executor_again, std::chrono::microseconds(random() % 6000));
                co_await pause.async_wait(asio::use_awaitable);
                stop.emit(asio::cancellation_type::terminal);
            }
            if (!over) {
                boost::system::error_code woken;
                co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            }
        }
    }
    void count(outcome const& got, std::string const& scope) {
        if (got.has_value())
            ++(got->access_token.reveal() == "token-for-" + scope ? tokens : wrong);
        else if (got.error().kind == error_kind::canceled)
            ++canceled;
        else
            failures.push_back(got.error().to_string());
    }

    sts::client client;
    std::minstd_rand random{1};
    int number = 0, tokens = 0, wrong = 0, canceled = 0;
    std::vector<std::string> failures;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(http2, caller)

BOOST_AUTO_TEST_CASE(M1_nginx, *needs({"nginx"})) {
    nginx_server server(nginx_setup("keepalive_requests 1000000;"));
    auto const sts_client = client(over_http2(server.options()));
    check_many(*this, sts_client);
    BOOST_TEST(sts_client.stats().http2 == 1U);
    sts_client.close();
    BOOST_TEST(count_of(server.finish()) == 3200U);
}

BOOST_AUTO_TEST_CASE(M1_nginx_that_forwards, *needs({"nginx"})) {
    nginx_server const behind({.location = nginx_server::answer()});
    nginx_server server({.location = "proxy_pass https://127.0.0.1:" + std::to_string(behind.port()) + ";",
                         .listen = "http2"});
    check_many(*this, client(over_http2(server.options())), 16);
}

BOOST_AUTO_TEST_CASE(M1_haproxy, *needs({"haproxy"})) {
    haproxy_server server(haproxy_setup());
    auto const sts_client = client(over_http2(server.options()));
    check_many(*this, sts_client);
    BOOST_TEST(sts_client.stats().http2 == 1U);
}

BOOST_AUTO_TEST_CASE(M1_node, *needs({"node"})) {
    node_http2_server const server;
    check_many(*this, client(over_http2(server.options())));
}

BOOST_AUTO_TEST_CASE(M1_nghttpd, *needs({"nghttpd"})) {
    nghttpd_server const server;
    check_many(*this, client(over_http2(server.options())));
}

BOOST_AUTO_TEST_CASE(M1_go, *boost::unit_test::precondition(go_http2_server::installed)) {
    go_http2_server const server;
    check_many(*this, client(over_http2(server.options())));
}

BOOST_AUTO_TEST_CASE(M3_nginx_reload_under_load, *needs({"nginx"})) {
    constexpr int coroutines = 40;
    nginx_server server(nginx_setup("keepalive_requests 1000000;"));
    auto const sts_client = client(over_http2(server.options()));
    tally all;
    bool over = false;
    int under_way = coroutines + 1;
    auto const ended = [&](std::exception_ptr thrown) {
        BOOST_TEST(!thrown);
        --under_way;
    };
    for (int i = 0; i < coroutines; ++i)
        asio::co_spawn(context, exchange_until(sts_client, over, all), ended);
    asio::co_spawn(context, reload_often(server, 10, over), ended);
    run_until(context, [&] { return under_way == 0; });
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(sts_client.stats().drained >= 1U);
    sts_client.close();
    BOOST_TEST(count_of(server.finish()) == static_cast<std::size_t>(all.tokens));
}

BOOST_AUTO_TEST_CASE(M26_nginx_that_ends_each_connection_after_a_thousand_requests, *needs({"nginx"})) {
    nginx_server server(nginx_setup("keepalive_requests 1000;"));
    auto options = over_http2(server.options());
    options.pool.max_streams = 10; // ten connections for a hundred coroutines
    auto const sts_client = client(options);
    tally all;
    exchange_often(sts_client, 100, 200, all);
    BOOST_TEST(all.tokens == 20'000);
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(sts_client.stats().retries == 0U);
    BOOST_TEST(sts_client.stats().drained >= 10U);
    sts_client.close();
    BOOST_TEST(count_of(server.finish()) == 20'000U); // nothing was asked for twice
}

BOOST_AUTO_TEST_CASE(M22_nginx_that_takes_one_stream_a_connection, *needs({"nginx"})) {
    nginx_server server(nginx_setup("http2_max_concurrent_streams 1; keepalive_requests 1000000;"));
    auto const sts_client = client(over_http2(server.options()));
    check_many(*this, sts_client, 16);
    sts_client.close();
    BOOST_TEST(count_of(server.finish()) == 800U);
}

BOOST_AUTO_TEST_CASE(M22_haproxy_that_takes_one_stream_a_connection, *needs({"haproxy"})) {
    auto how = haproxy_setup();
    how.global = "  tune.h2.max-concurrent-streams 1";
    haproxy_server server(how);
    check_many(*this, client(over_http2(server.options())), 16);
}

BOOST_AUTO_TEST_CASE(M22_node_that_takes_one_stream_a_connection, *needs({"node"})) {
    node_http2_server const server(1);
    check_many(*this, client(over_http2(server.options())), 16);
}

BOOST_AUTO_TEST_CASE(M22_nghttpd_that_takes_one_stream_a_connection, *needs({"nghttpd"})) {
    nghttpd_server const server(1);
    check_many(*this, client(over_http2(server.options())), 16);
}

BOOST_AUTO_TEST_CASE(M27_node_with_cancellations_at_random_moments, *needs({"node"})) {
    node_http2_server const server;
    canceling all(client(over_http2(server.options())));
    auto const* const asked_for = std::getenv("EQUINIX_STS_CANCELLATIONS"); // NOLINT(concurrency-mt-unsafe)
    constexpr int coroutines = 50;
    int const times = asked_for != nullptr ? std::max(std::atoi(asked_for) / coroutines, 1) : 100; // NOLINT
    int under_way = coroutines;
    for (int i = 0; i < coroutines; ++i)
        asio::co_spawn(context, all.run(times), [&](std::exception_ptr thrown) {
            BOOST_TEST(!thrown);
            --under_way;
        });
    run_until(context, [&] { return under_way == 0; });
    BOOST_TEST(all.wrong == 0);
    BOOST_TEST(all.tokens > coroutines);
    BOOST_TEST(all.canceled > coroutines);
    BOOST_TEST(all.tokens + all.canceled == coroutines * times);
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(server.log("output.log") == ""); // the server has not ended a session
}

BOOST_AUTO_TEST_CASE(a_supplier_fetches_over_http2, *needs({"nginx"})) {
    nginx_server server(nginx_setup());
    sts::suppliers::http_options options;
    options.json_member = "access_token";
    options.connection = over_http2(server.options());
    fetching one(context, sts::suppliers::http(server.options().endpoint.url(), options));
    BOOST_TEST(one.text() == "interop-access-token");
    BOOST_TEST(count_of(server.finish()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_server_that_chooses_http_1_1_gets_it, *needs({"nginx"})) {
    nginx_server server({.location = nginx_server::answer()});
    auto options = server.options();
    options.http = sts::http_version::automatic;
    auto const sts_client = client(options);
    check_many(*this, sts_client, 16);
    BOOST_TEST(sts_client.stats().http2 == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
