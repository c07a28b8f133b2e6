// Connections opened ahead of need, against servers that do not wait long for a first request.
#include "interop/origin.hpp"

using namespace test;
using std::chrono::milliseconds;

namespace {

struct warmed_up : caller {
    void check_nothing_lost(sts::client const& sts_client, milliseconds server_waits) {
        tally all;
        for (auto const early : {milliseconds(10), milliseconds(0), milliseconds(-10), milliseconds(-100)}) {
            warm_up(sts_client, 5);
            pause(server_waits - early);
            exchange_often(sts_client, 5, 2, all);
        }
        BOOST_TEST(all.tokens == 40);
        BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(warm_up_of_connections, warmed_up)

BOOST_AUTO_TEST_CASE(E12_nginx_closes_what_was_opened_ahead, *needs({"nginx"})) {
    nginx_server const server(
        {.server = "client_header_timeout 2s; keepalive_timeout 2s;", .location = nginx_server::answer()});
    check_nothing_lost(client(server.options()), milliseconds(2000));
}

BOOST_AUTO_TEST_CASE(E12_haproxy_says_408_to_what_was_opened_ahead, *needs({"haproxy"})) {
    haproxy_server server(
        {.defaults = "  timeout client 2s\n  timeout http-request 2s\n  timeout http-keep-alive 2s",
         .frontend = haproxy_server::answer()});
    auto const sts_client = client(server.patient_options());
    check_nothing_lost(sts_client, milliseconds(2000));
    server.check_retries(sts_client);
}

BOOST_AUTO_TEST_SUITE_END()
