// What a client counts.
#include "support/refused.hpp"
#include "support/service.hpp"

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(statistics, service)

BOOST_AUTO_TEST_CASE(tell_what_the_client_does_and_did) {
    auto limited = options();
    limited.pool.max_connections = 1;
    limited.retry.base_delay = 1ns;
    auto const sts_client = client(limited);
    auto const fresh = sts_client.stats();
    BOOST_TEST(fresh.open + fresh.idle + fresh.leased + fresh.opening + fresh.waiting == 0U);
    BOOST_TEST(fresh.retry_budget == 500U);

    mock.next(mock_answer::genuine().hold());
    started first(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    started second(context, sts_client, request());
    context.poll();
    auto const busy = sts_client.stats();
    BOOST_TEST(busy.leased == 1U);
    BOOST_TEST(busy.waiting == 1U);
    mock.release();
    BOOST_TEST(first.wait().has_value());
    BOOST_TEST(second.wait().has_value());

    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::error(400, "invalid_scope"));
    BOOST_TEST(failure(sts_client).kind == error_kind::oauth);
    auto const after = sts_client.stats();
    BOOST_TEST(after.idle == 1U);
    BOOST_TEST(after.open == 1U);
    BOOST_TEST(after.waiting == 0U);
    BOOST_TEST(after.succeeded == 3U);
    BOOST_TEST(after.retries == 1U);
    BOOST_TEST(after.failed(error_kind::oauth) == 1U);
    BOOST_TEST(after.failed() == 1U);
    BOOST_TEST(after.handshakes_full + after.handshakes_resumed == 2U); // one anew after the 503
    BOOST_TEST(after.reused == 3U);
    BOOST_TEST(after.bytes_sent > 3000U);
    BOOST_TEST(after.bytes_received > 2000U);
    BOOST_TEST(contains(after.last_address, ":" + std::to_string(mock.port())));
}

BOOST_AUTO_TEST_CASE(count_nothing_that_is_left_after_closing) {
    auto const sts_client = client();
    started one(context, sts_client, request());
    run_until(context, [&] { return sts_client.stats().opening == 1; });
    sts_client.close();
    BOOST_TEST(one.wait().error().kind == error_kind::canceled);
    auto const after = sts_client.stats();
    BOOST_TEST(after.open + after.opening + after.waiting + after.pausing == 0U);
    BOOST_TEST(after.failed(error_kind::canceled) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
