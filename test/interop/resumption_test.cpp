// Sessions that real servers let a client resume (C9 of doc/faults.md).
#include "interop/origin.hpp"
#include "support/front.hpp"

#include <algorithm>

using namespace test;

namespace {

/// A server that closes each connection after its answer.
nginx_server::setup one_answer_a_connection(std::string const& tls) {
    return {.server = "keepalive_timeout 0; " + tls, .location = nginx_server::answer()};
}

struct resuming : caller {
    /// Exchanges one after another; how many handshakes the client counts as resumed, and the server's log.
    void exchange_five_times(nginx_server& server) {
        auto const sts_client = client(server.options());
        for (int i = 0; i < 5; ++i) {
            auto const ended = exchange(sts_client);
            BOOST_TEST(ended.has_value(), (ended.has_error() ? ended.error().to_string() : ""));
        }
        counted = sts_client.stats();
        sts_client.close();
        logged = server.finish();
    }

    /// Both sides agree: one handshake was a full one, the others were not. The server's processes may write
    /// their lines in another order.
    void check_resumed() const {
        BOOST_TEST(counted.handshakes_full == 1U);
        BOOST_TEST(counted.handshakes_resumed == 4U);
        BOOST_REQUIRE(logged.size() == 5U);
        BOOST_TEST(std::count_if(logged.begin(), logged.end(), [](auto const& one) { return one.resumed; }) ==
                   4);
    }

    sts::stats counted;
    std::vector<nginx_server::logged_request> logged;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(resumption, resuming)

BOOST_AUTO_TEST_CASE(C9_nginx_tls_1_2_ticket, *needs({"nginx"})) {
    nginx_server server(one_answer_a_connection("ssl_protocols TLSv1.2;"));
    exchange_five_times(server);
    check_resumed();
}

BOOST_AUTO_TEST_CASE(C9_nginx_tls_1_2_session_id, *needs({"nginx"})) {
    nginx_server server(one_answer_a_connection(
        "ssl_protocols TLSv1.2; ssl_session_tickets off; ssl_session_cache shared:interop:1m;"));
    exchange_five_times(server);
    check_resumed();
}

BOOST_AUTO_TEST_CASE(C9_nginx_tls_1_3_ticket, *needs({"nginx"})) {
    nginx_server server(one_answer_a_connection("ssl_protocols TLSv1.3;"));
    exchange_five_times(server);
    check_resumed();
}

BOOST_AUTO_TEST_CASE(C9_nginx_that_resumes_nothing, *needs({"nginx"})) {
    nginx_server server(
        one_answer_a_connection("ssl_protocols TLSv1.2; ssl_session_tickets off; ssl_session_cache off;"));
    exchange_five_times(server);
    BOOST_TEST(counted.handshakes_full == 5U);
    BOOST_TEST(counted.handshakes_resumed == 0U);
}

BOOST_AUTO_TEST_CASE(C9_a_ticket_of_before_a_reload_costs_no_exchange, *needs({"nginx"})) {
    auto const setup = one_answer_a_connection("ssl_protocols TLSv1.3;");
    nginx_server server(setup);
    auto const sts_client = client(server.options());
    BOOST_TEST(exchange(sts_client).has_value());
    auto reloaded = setup;
    reloaded.location = nginx_server::answer("after-reload");
    server.reload(reloaded); // with other ticket keys
    tally all;
    auto const give_up = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < give_up && all.latest != "after-reload" && all.failures.empty())
        all.add(exchange(sts_client));
    BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(all.latest == "after-reload");
    BOOST_TEST(sts_client.stats().handshakes_full >= 2U);
}

BOOST_AUTO_TEST_CASE(C23_nginx_tls_1_2_behind_a_front_that_refuses_sessions, *needs({"nginx"})) {
    using manner = front::manner;
    nginx_server server(one_answer_a_connection("ssl_protocols TLSv1.2;"));
    front before(context, server.port());
    auto options = server.options(); // one attempt
    options.endpoint = sts::endpoint("https://127.0.0.1:" + std::to_string(before.port()) + token_path);
    auto const sts_client = client(options);
    std::size_t refused = 0;
    for (auto const how : {manner::alert, manner::close, manner::reset}) {
        before.decide = [](bool) { return manner::carry; };
        BOOST_TEST(exchange(sts_client).has_value()); // brings a session
        before.decide = [how](bool offered) { return offered ? how : manner::carry; };
        BOOST_TEST(exchange(sts_client).has_value());
        BOOST_TEST(sts_client.stats().sessions_refused == ++refused);
    }
    BOOST_TEST(sts_client.stats().retries == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
