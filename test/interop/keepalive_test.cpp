// Servers that close idle connections sooner than the client would (E12 of doc/faults.md).
#include "interop/origin.hpp"

#include <map>
#include <set>

using namespace test;
using std::chrono::milliseconds;

BOOST_FIXTURE_TEST_SUITE(keep_alive, caller)

BOOST_AUTO_TEST_CASE(E12_nginx_short_keepalive, *needs({"nginx"})) {
    nginx_server server(
        {.server = "keepalive_timeout 1s; keepalive_requests 5;", .location = nginx_server::answer()});
    auto const sts_client = client(server.options());
    tally all;
    // The pauses straddle the moment at which the server closes what is idle.
    for (auto const idle : {milliseconds(0), milliseconds(990), milliseconds(1000), milliseconds(1050)}) {
        pause(idle);
        exchange_often(sts_client, 10, 5, all);
    }
    BOOST_TEST(all.tokens == 200);
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());

    sts_client.close();
    std::map<unsigned long, unsigned> served;
    for (auto const& one : server.finish()) {
        BOOST_TEST(one.status == 200U);
        served[one.connection] = std::max(served[one.connection], one.requests);
    }
    auto const most = std::ranges::max_element(served, {}, [](auto const& each) { return each.second; });
    BOOST_REQUIRE((most != served.end()));
    BOOST_TEST(most->second == 5U); // the limit was met, not avoided
}

BOOST_AUTO_TEST_CASE(E12_haproxy_silent_idle_close, *needs({"haproxy"})) {
    haproxy_server server({.defaults = "  timeout client 700ms\n  timeout http-keep-alive 700ms",
                           .frontend = haproxy_server::answer()});
    auto const sts_client = client(server.patient_options());
    tally all;
    for (auto const idle : {0, 350, 690, 695, 700, 705, 710, 800}) {
        pause(milliseconds(idle));
        exchange_often(sts_client, 5, 2, all);
    }
    BOOST_TEST(all.tokens == 80);
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());

    auto const requests = server.check_retries(sts_client);
    std::set<unsigned short> connections;
    for (auto const& one : requests)
        connections.insert(one.client_port);
    BOOST_TEST(connections.size() > 1U);              // it did close some
    BOOST_TEST(connections.size() < requests.size()); // and kept others
}

BOOST_AUTO_TEST_SUITE_END()
