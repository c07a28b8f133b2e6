// How a source refreshes a token that is in use, whatever the service does.
#include "support/token_source.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(token_source, sourced)

BOOST_AUTO_TEST_CASE(G9_a_token_that_was_used_is_refreshed_off_everybodys_path) {
    mock.always(mock_answer::with(200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
                                       R"("urn:ietf:params:oauth:token-type:access_token","expires_in":2})"));
    auto const tokens = source();
    auto const first = token_of(tokens);
    // Looked at by nobody but the timer from here on.
    run_until(context, [&] { return tokens.stats().refreshed == 2; });
    auto const second = tokens.peek();
    BOOST_REQUIRE(second != nullptr);
    BOOST_TEST(second != first);
    BOOST_TEST(tokens.stats().misses == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(token_source_field, sourced)

BOOST_AUTO_TEST_CASE(G9_a_token_shorter_than_the_time_ahead_is_not_refreshed_at_each_use) {
    mock.always(canned(60));
    auto const tokens = source(); // which refreshes five minutes ahead
    auto const first = token_of(tokens);
    for (int i = 0; i < 1000; ++i)
        BOOST_REQUIRE(token_of(tokens) == first);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(a_service_that_gives_a_token_no_better_is_not_asked_at_each_use) {
    mock.next(canned(4));
    mock.always(canned(1));
    auto const tokens = source();
    BOOST_TEST(token_of(tokens) != nullptr);
    run_until(context, [&] { return tokens.stats().refreshed == 2; });
    for (int i = 0; i < 1000; ++i) {
        tokens.peek();
        context.poll();
    }
    BOOST_TEST(tokens.stats().fetches == 2U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(J2_a_callers_cancellation_does_not_spoil_later_refreshes) {
    mock.always(canned(2));
    auto const tokens = source();
    waiting first(context, [&] { return tokens.try_get(1h); });
    auto const held = *first.wait();
    first.cancel();
    waiting brief(context,
                  [&] { return tokens.try_get(1ns); }); // its deadline is over by the time of refresh
    BOOST_TEST(brief.wait().has_value());
    run_until(context, [&] { return tokens.stats().refreshed == 3 || !tokens.peek(); });
    BOOST_TEST(tokens.stats().refreshed == 3U);
    BOOST_TEST(tokens.stats().failed == 0U);
    BOOST_TEST(tokens.stats().misses == 1U);
}

BOOST_AUTO_TEST_CASE(J6_a_refresh_that_hangs_stalls_nobody) {
    mock.next(canned(4));
    mock.always(mock_answer::genuine().hold());
    auto const tokens = source();
    auto const first = token_of(tokens);
    run_until(context, [&] { return mock.requests() == 2; });
    BOOST_TEST(tokens.stats().in_flight == 1U);
    std::vector<std::thread> threads;
    std::atomic<int> stalled = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 1000; ++n)
                if (tokens.peek() != first) ++stalled;
        });
    for (auto& one : threads)
        one.join();
    BOOST_TEST(stalled == 0);
    BOOST_TEST(token_of(tokens) == first);
    BOOST_TEST(tokens.stats().in_flight == 1U);
    BOOST_TEST(mock.requests() == 2U);
    mock.release();
    run_until(context, [&] { return tokens.stats().refreshed == 2; });
}

BOOST_AUTO_TEST_CASE(J6_J7_failed_refreshes_cost_no_valid_token_and_none_outlives_its_end) {
    mock.next(canned(4));
    mock.always(mock_answer::error(503, ""));
    auto const tokens = source();
    auto const first = token_of(tokens);
    look_until([&] {
        auto const seen = tokens.peek();
        BOOST_REQUIRE((seen == first || sts::token_source(tokens).stats().failed >= 2));
        return !seen;
    });
    BOOST_TEST((std::chrono::steady_clock::now() < first->expires->steady + patience));
    auto const stats = tokens.stats();
    BOOST_TEST(stats.failed >= 2U); // it went on trying
    BOOST_TEST(stats.failed <= 12U);
    look_until([&] {
        auto const ended = get(tokens);
        BOOST_REQUIRE(ended.has_error());
        return ended.error().http_status == 503U;
    });
    mock.always(std::nullopt);
    look_until([&] { return get(tokens).has_value(); }); // and does not stop for ever
}

BOOST_AUTO_TEST_CASE(E4_connections_that_die_idle_or_in_use_end_no_refreshing) {
    mock.always(canned(2));
    auto const tokens = source();
    BOOST_TEST(token_of(tokens) != nullptr);
    mock.close_idle_connections();
    run_until(context, [&] { return tokens.stats().refreshed == 2 || !tokens.peek(); });
    mock.next(mock_answer::genuine().reset_after(0)); // as it is used, unnoticed before
    run_until(context, [&] { return tokens.stats().refreshed == 3 || !tokens.peek(); });
    mock.next(mock_answer::genuine().hold());
    BOOST_TEST(tokens.stats().refreshed == 3U);
    BOOST_TEST(tokens.stats().failed == 0U);
    BOOST_TEST(tokens.stats().misses == 1U);
    mock.release();
}

BOOST_AUTO_TEST_SUITE_END()
