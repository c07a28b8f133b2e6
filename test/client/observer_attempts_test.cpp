// What an observer is told of exchanges: each attempt, however it ends.
#include "client/observed_service.hpp"

#include <boost/asio/ip/tcp.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::event_type;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(observer, observed_service)

BOOST_AUTO_TEST_CASE(a_first_exchange_opens_a_connection_for_its_attempt) {
    auto const before = std::chrono::steady_clock::now();
    BOOST_TEST(exchange(client(observed())).has_value());
    BOOST_REQUIRE(seen.size() >= 3U);
    auto const& opened = seen[0];
    auto const& began = seen[1];
    auto const& ended = seen[2];
    BOOST_TEST(opened.type == event_type::connection_opened);
    BOOST_TEST(opened.duration.count() > 0);
    BOOST_TEST(opened.connection == 1U);
    BOOST_TEST(opened.exchange == 0U);
    BOOST_TEST((opened.at >= before));
    BOOST_TEST(began.type == event_type::attempt_began);
    BOOST_TEST(ended.type == event_type::attempt_ended);
    for (auto const* const one : {&began, &ended}) {
        BOOST_TEST(one->exchange == 1U);
        BOOST_TEST(one->attempt == 1U);
        BOOST_TEST(one->connection == 1U);
        BOOST_TEST(!one->failed);
        BOOST_TEST(!one->code.failed());
    }
    BOOST_TEST((began.duration == 0ns));
    BOOST_TEST((ended.duration == ended.at - began.at));
}

BOOST_AUTO_TEST_CASE(a_retry_is_told_with_its_wait_between_two_attempts) {
    mock.next(mock_answer::error(503, ""));
    auto options = observed();
    options.retry.base_delay = 1ms;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    auto const retry = only(event_type::retry_scheduled);
    BOOST_REQUIRE(seen.size() >= 7U);
    auto const& failed = seen[2];
    BOOST_TEST(failed.attempt == 1U);
    BOOST_TEST(failed.failed);
    BOOST_TEST(failed.kind == error_kind::unavailable);
    BOOST_TEST(failed.http_status == 503U);
    BOOST_TEST(retry.exchange == 1U);
    BOOST_TEST(retry.attempt == 1U);
    auto const& second = seen[5];
    BOOST_TEST(second.attempt == 2U);
    BOOST_TEST((retry.duration >= 0ns));
    BOOST_TEST((second.at >= retry.at + retry.duration));
    BOOST_TEST(seen[6].attempt == 2U);
    BOOST_TEST(!seen[6].failed);
    BOOST_TEST(
        (told() == types{event_type::connection_opened, event_type::attempt_began, event_type::attempt_ended,
                         event_type::retry_scheduled, event_type::connection_resumed,
                         event_type::attempt_began, event_type::attempt_ended,
                         event_type::connection_dropped})); // the one that brought the error
}

BOOST_AUTO_TEST_CASE(a_last_attempt_schedules_none) {
    auto options = observed();
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(failure(sts_client).kind == error_kind::unavailable);
    BOOST_TEST((told() ==
                types{event_type::connection_opened, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(L11_an_attempt_without_a_connection_took_as_long_as_one_was_wanted) {
    asio::ip::tcp::acceptor const silent(context, {asio::ip::address_v4::loopback(), 0});
    auto options = observed();
    options.endpoint =
        sts::endpoint("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/use/token");
    options.connect_timeout = 20ms;
    options.retry.max_attempts = 1;
    BOOST_TEST(failure(client(options)).kind == error_kind::timeout);
    BOOST_TEST((only(event_type::attempt_ended).duration >= 20ms));
}

BOOST_AUTO_TEST_CASE(L11_an_attempt_that_ends_while_its_connection_opens_is_told) {
    asio::ip::tcp::acceptor const silent(context, {asio::ip::address_v4::loopback(), 0});
    auto options = observed();
    options.endpoint =
        sts::endpoint("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/use/token");
    BOOST_TEST(failure(client(options), request().timeout(30ms)).kind == error_kind::timeout);
    auto const ended = only(event_type::attempt_ended);
    BOOST_TEST(ended.kind == error_kind::timeout);
    BOOST_TEST((ended.duration >= 30ms));
}

BOOST_AUTO_TEST_CASE(L11_an_exchange_is_told_by_its_tag) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client, request().tag(42)).has_value());
    BOOST_TEST(only(event_type::attempt_began).tag == 42U);
    BOOST_TEST(only(event_type::attempt_ended).tag == 42U);
    seen.clear();
    BOOST_TEST(exchange(sts_client, request()).has_value());
    BOOST_TEST(only(event_type::attempt_ended).tag == 0U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_attempt_ends) {
    mock.always(mock_answer::genuine().hold());
    auto const sts_client = client(observed());
    started one(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    one.cancel();
    BOOST_TEST(one.canceled());
    auto const ended = only(event_type::attempt_ended);
    BOOST_TEST(ended.failed);
    BOOST_TEST(ended.kind == error_kind::canceled);
    BOOST_TEST(ended.exchange == 1U);
    BOOST_TEST(ended.attempt == 1U);
    BOOST_TEST(only(event_type::connection_dropped).connection == 1U);
}

BOOST_AUTO_TEST_CASE(an_attempt_whose_exchange_is_out_of_time_ends) {
    mock.always(mock_answer::genuine().hold());
    BOOST_TEST(failure(client(observed()), request().timeout(30ms)).kind == error_kind::timeout);
    BOOST_TEST(only(event_type::attempt_ended).kind == error_kind::timeout);
}

BOOST_AUTO_TEST_CASE(an_exchange_cancelled_in_the_queue_had_no_attempt) {
    mock.always(mock_answer::genuine().hold());
    auto options = observed();
    options.pool.max_connections = 1;
    auto const sts_client = client(options);
    started first(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    started second(context, sts_client, request());
    run_until(context, [&] { return sts_client.stats().waiting == 1; });
    second.cancel();
    BOOST_TEST(second.canceled());
    mock.release();
    BOOST_TEST(first.wait().has_value());
    for (auto const& one : seen)
        BOOST_TEST(one.exchange != 2U);
}

BOOST_AUTO_TEST_SUITE_END()
