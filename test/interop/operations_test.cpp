// What operators do to a service while it is used, and what gateways say of a service that is gone.
#include "interop/origin.hpp"
#include "support/skipped.hpp"

#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <iostream>

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

/// A firewall that can forget the connections to a port: it drops their packets in both directions, without
/// an answer, and lets new connections through.
class firewall {
public:
    explicit firewall(unsigned short port) : port_(std::to_string(port)) {
        BOOST_REQUIRE(nft("add table ip " + table_ + "; add set ip " + table_ +
                          " known { type inet_service; flags dynamic; }; add chain ip " + table_ +
                          " sent { type filter hook output priority 0; }; add rule ip " + table_ +
                          " sent tcp dport " + port_ + " add @known { tcp sport }"));
    }
    firewall(firewall const&) = delete;
    firewall& operator=(firewall const&) = delete;
    ~firewall() { nft("delete table ip " + table_); }

    void forget_connections() {
        auto const rule = "; add rule ip " + table_ + " sent tcp ";
        BOOST_REQUIRE(nft("flush chain ip " + table_ + " sent" + rule + "dport " + port_ +
                          " tcp sport @known drop" + rule + "sport " + port_ + " tcp dport @known drop"));
    }

    /// Whether this process may use one.
    static boost::test_tools::assertion_result allowed(boost::unit_test::test_unit_id) {
        if (shell("PATH=$PATH:/usr/sbin nft list ruleset 2>&1").exit_code == 0) return true;
        any_skipped = true;
        std::cout << "skipped: nft may not be used" << std::endl;
        return false;
    }

private:
    static bool nft(std::string const& script) {
        return shell("PATH=$PATH:/usr/sbin nft '" + script + "' 2>&1").exit_code == 0;
    }

    std::string port_;
    std::string table_ = "equinix_sts_test_" + std::to_string(::getpid());
};

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

BOOST_AUTO_TEST_CASE(E15_connections_that_a_firewall_forgets,
                     *needs({"nginx", "nft"}) * boost::unit_test::precondition(firewall::allowed)) {
    constexpr int connections = 4;
    nginx_server server({.location = nginx_server::answer()});
    firewall between(server.port());
    auto options = server.options();
    options.retry = sts::retry_options();
    options.retry.base_delay = options.retry.max_delay = std::chrono::milliseconds(5);
    options.attempt_timeout = std::chrono::seconds(3); // a handshake takes less, whatever the tests run under
    auto const sts_client = client(options);
    warm_up(sts_client, connections);
    between.forget_connections();
    for (int i = 0; i < connections; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().retries == 1U); // the first pays for all
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
