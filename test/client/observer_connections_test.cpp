// What an observer is told of connections.
#include "client/observed_service.hpp"

using namespace test;
using sts::error_kind;
using sts::event_type;
using sts::phase;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(observer, observed_service)

BOOST_AUTO_TEST_CASE(a_second_exchange_reuses_the_connection) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client).has_value());
    seen.clear();
    BOOST_TEST(exchange(sts_client).has_value());
    auto const reused = only(event_type::connection_reused);
    BOOST_TEST(reused.exchange == 2U);
    BOOST_TEST(reused.attempt == 1U);
    BOOST_TEST(reused.connection == 1U);
    BOOST_TEST((told() ==
                types{event_type::connection_reused, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(a_resumed_session_is_told_as_such) {
    auto const sts_client = client(observed());
    mock.next(mock_answer::genuine().close_after());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(only(event_type::connection_opened).connection == 1U);
    BOOST_TEST(only(event_type::connection_dropped).connection == 1U);
    BOOST_TEST(only(event_type::connection_resumed).connection == 2U);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_service_closes_is_dropped) {
    auto const sts_client = client(observed());
    mock.next(mock_answer::genuine().close_after());
    BOOST_TEST(exchange(sts_client).has_value());
    run_until(context, [&] { return sts_client.stats().open == 0; });
    BOOST_TEST(only(event_type::connection_dropped).connection == 1U);
    BOOST_TEST((told() == types{event_type::connection_opened, event_type::attempt_began,
                                event_type::attempt_ended, event_type::connection_dropped}));
}

BOOST_AUTO_TEST_CASE(closing_drops_what_is_open) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client).has_value());
    seen.clear();
    sts_client.close();
    BOOST_TEST((told() == types{event_type::connection_dropped}));
}

BOOST_AUTO_TEST_CASE(a_replaced_connection_is_the_same_attempt) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client).has_value());
    seen.clear();
    mock.next(mock_answer::genuine().cut_after(0));
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().replaced == 1U);
    BOOST_TEST(only(event_type::attempt_began).connection == 1U);
    BOOST_TEST(only(event_type::attempt_ended).connection == 2U);
    BOOST_TEST((told() == types{event_type::connection_reused, event_type::attempt_began,
                                event_type::connection_dropped, event_type::connection_resumed,
                                event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_told_and_fails_the_attempt) {
    auto options = observed();
    {
        sts::testing::mock_sts const gone;
        options.endpoint = sts::endpoint(gone.url());
    }
    options.retry.max_attempts = 1;
    BOOST_TEST(failure(client(options)).kind == error_kind::connect);
    auto const refused = only(event_type::connection_failed);
    BOOST_TEST(refused.connection == 1U);
    BOOST_TEST(refused.failed);
    BOOST_TEST(refused.kind == error_kind::connect);
    BOOST_TEST(refused.phase == phase::connect);
    BOOST_TEST((refused.code == boost::system::errc::connection_refused));
    auto const ended = only(event_type::attempt_ended);
    BOOST_TEST(ended.connection == 0U);
    BOOST_TEST(ended.kind == error_kind::connect);
    BOOST_TEST((told() ==
                types{event_type::connection_failed, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(a_handshake_that_fails_drops_nothing) {
    auto options = observed();
    options.tls.ca_pem = sts::testing::mock_sts().ca_pem();
    options.retry.max_attempts = 1;
    BOOST_TEST(failure(client(options)).kind == error_kind::tls);
    BOOST_TEST(only(event_type::connection_failed).phase == phase::tls);
    BOOST_TEST((told() ==
                types{event_type::connection_failed, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_SUITE_END()
