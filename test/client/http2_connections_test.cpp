// Connections of HTTP/2 that end, go silent or are given up, with the exchanges that they carry.
#include "client/over_http2.hpp"
#include "support/descriptors.hpp"

#include <boost/asio/detached.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(http2, over_http2)

BOOST_AUTO_TEST_CASE(M3_a_server_that_ends_a_connection_in_order_loses_nothing) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    for (int round = 0; round < 20; ++round) {
        mock.next(mock_answer::genuine().close_after());
        BOOST_TEST(exchange(sts_client).has_value());
        BOOST_TEST(exchange(sts_client).has_value());
    }
    BOOST_TEST(mock.requests() == 41U); // nothing was asked for twice
    BOOST_TEST(sts_client.stats().retries == 0U);
}

BOOST_AUTO_TEST_CASE(M16_a_connection_that_dies_takes_along_what_it_carried_and_all_get_their_token) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    for (int i = 0; i < 9; ++i)
        mock.next(mock_answer::genuine().hold());
    mock.next(mock_answer::genuine().cut_after(0));
    begin(sts_client, 10);
    received(11);
    mock.release();
    BOOST_TEST(tokens() == 10);
    BOOST_TEST(mock.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(M24_after_a_time_out_no_exchange_begins_on_that_connection) {
    auto options = this->options();
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    asio::co_spawn(context, sts_client.warm_up(1), asio::detached);
    run_until(context, [&] { return sts_client.stats().idle == 1; });
    mock.next(mock_answer::genuine().hold());
    BOOST_TEST(failure(sts_client, request().timeout(100ms)).kind == error_kind::timeout);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
    BOOST_TEST(sts_client.stats().open == 1U);
}

BOOST_AUTO_TEST_CASE(M25_what_waits_on_a_silent_connection_goes_another_way) {
    auto options = this->options();
    options.attempt_timeout = 8s; // asked after 2, given up after 4
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().hold_connection());
    begin(sts_client, 5);
    BOOST_TEST(tokens() == 5);
    BOOST_TEST(mock.connections() == 2U);
    BOOST_TEST(sts_client.stats().replaced == 5U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(M25_a_slow_server_that_answers_what_it_is_asked_keeps_its_exchanges) {
    auto options = this->options();
    options.attempt_timeout = 8s;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().delay(5s)); // later than a silent connection would be given up
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(closing_ends_all_that_share_a_connection) {
    auto const sts_client = client();
    mock.always(mock_answer::genuine().hold());
    begin(sts_client, 10);
    received(10);
    sts_client.close();
    for (auto& one : all)
        BOOST_TEST(one.wait().error().kind == error_kind::canceled);
    context.restart();
    context.run();
    BOOST_TEST(sts_client.stats().open == 0U);
}

BOOST_AUTO_TEST_CASE(the_context_may_go_first_with_many_in_flight) {
    auto const before = open_descriptors();
    auto own = std::make_unique<asio::io_context>(1);
    sts::client const sts_client(own->get_executor(), options());
    mock.always(mock_answer::genuine().hold());
    for (int i = 0; i < 10; ++i)
        asio::co_spawn(*own, sts_client.try_exchange(request()), asio::detached);
    run_until(*own, [&] { return mock.requests() == 10; });
    own.reset();
    BOOST_TEST(eventually([&] { return open_descriptors() <= before + 1; })); // the mock's end
}

BOOST_AUTO_TEST_CASE(after_new_certificates_a_shared_connection_takes_no_further_exchange) {
    auto const sts_client = client();
    mock.next(mock_answer::genuine().hold());
    begin(sts_client, 1);
    received(1);
    sts_client.reload_certificates();
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
    mock.release();
    BOOST_TEST(tokens() == 1);
    run_until(context, [&] { return sts_client.stats().open == 1; });
}

BOOST_AUTO_TEST_CASE(warm_up_opens_connections_as_ever) {
    auto const sts_client = client();
    asio::co_spawn(context, sts_client.warm_up(3), asio::detached);
    run_until(context, [&] { return sts_client.stats().idle == 3; });
    BOOST_TEST(mock.connections() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
