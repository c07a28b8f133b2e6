// The TLS sessions that a client resumes.
#include "support/service.hpp"
#include "testing/certificates.hpp"

using namespace test;
using sts::error_kind;
using sts::testing::make_server_identity;

BOOST_FIXTURE_TEST_SUITE(trust, service)

BOOST_AUTO_TEST_CASE(C9_a_new_connection_resumes_the_session) {
    auto const sts_client = client();
    exchange_and_close(sts_client);
    for (int i = 0; i < 5; ++i)
        exchange_and_close(sts_client);
    auto const stats = sts_client.stats();
    BOOST_TEST(stats.handshakes_full == 1U);
    BOOST_TEST(stats.handshakes_resumed == 5U);
}

BOOST_AUTO_TEST_CASE(C9_E11_no_session_is_shared_between_clients) {
    auto const one = client();
    exchange_and_close(one);
    auto const other = client();
    BOOST_TEST(exchange(other).has_value());
    BOOST_TEST(other.stats().handshakes_resumed == 0U);
    BOOST_TEST(other.stats().handshakes_full == 1U);
}

BOOST_AUTO_TEST_CASE(C9_a_session_that_the_server_has_forgotten_is_a_full_handshake) {
    auto const identity = make_server_identity({"localhost", "127.0.0.1", "::1"});
    sts::testing::mock_options setup;
    setup.certificate_pem = identity.certificate_pem;
    setup.key_pem = identity.key_pem;
    std::optional<sts::testing::mock_sts> first(std::in_place, setup);
    setup.port = first->port();
    auto options = this->options();
    options.endpoint = sts::endpoint(first->url());
    options.tls.ca_pem = identity.ca_pem;
    auto const sts_client = client(options);
    BOOST_TEST(failure(sts_client).kind == error_kind::oauth); // this mock knows no other's ID tokens
    first.reset();
    sts::testing::mock_sts const second(setup);
    BOOST_TEST(failure(sts_client).kind == error_kind::oauth);
    BOOST_TEST(sts_client.stats().handshakes_full == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
