// The flights of a token cache: one for each key, a bounded number at a time, each in its turn.
#include "client/cached_service.hpp"
#include "support/refused.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <set>

using namespace test;
using namespace std::chrono_literals;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(token_cache, cached)

BOOST_AUTO_TEST_CASE(J1_each_key_has_one_flight) {
    mock.always(mock_answer::genuine().hold());
    auto const tokens = cache();
    std::deque<waiting> all;
    for (int i = 0; i < 60; ++i)
        all.emplace_back(context, wanting(tokens, "s" + std::to_string(i % 3)));
    run_until(context, [&] { return mock.requests() == 3; });
    BOOST_TEST(tokens.stats().tokens.waiting == 60U);
    BOOST_TEST(tokens.stats().tokens.in_flight == 3U);
    mock.release();
    std::set<token_ptr> got;
    for (auto& one : all)
        got.insert(*one.wait());
    BOOST_TEST(got.size() == 3U);
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(J3_a_key_that_nobody_waits_for_any_more_gives_its_turn_back) {
    mock.next(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 1;
    auto const tokens = cache(options);
    waiting first(context, wanting(tokens, "a"));
    run_until(context, [&] { return mock.requests() == 1; });
    waiting second(context, wanting(tokens, "b")), third(context, wanting(tokens, "c"));
    run_until(context, [&] { return tokens.stats().tokens.waiting == 3; });
    second.cancel(); // while it stands in the queue
    BOOST_TEST(second.canceled());
    first.cancel(); // while it flies
    BOOST_TEST(first.canceled());
    BOOST_TEST(third.wait().has_value());
    run_until(context, [&] { return tokens.stats().tokens.in_flight == 0; });
    BOOST_TEST(mock.requests() == 2U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(max_in_flight_bounds_the_exchanges_at_a_time) {
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 3;
    auto const tokens = cache(options);
    std::deque<waiting> all;
    for (int i = 0; i < 20; ++i)
        all.emplace_back(context, wanting(tokens, "s" + std::to_string(i)));
    run_until(context, [&] { return mock.requests() == 3; });
    context.poll();
    BOOST_TEST(tokens.stats().tokens.waiting == 20U);
    BOOST_TEST(tokens.stats().tokens.in_flight == 3U);
    BOOST_TEST(tokens.stats().tokens.fetches == 3U);
    mock.release();
    for (auto& one : all)
        BOOST_TEST(one.wait().has_value());
    BOOST_TEST(mock.requests() == 20U);
    BOOST_TEST(tokens.stats().tokens.in_flight == 0U);
}

BOOST_AUTO_TEST_CASE(an_awaited_exchange_overtakes_those_in_the_background) {
    sts::cache_options options;
    options.max_in_flight = 1;
    options.refresh.refresh_ahead = 24h; // due after half of its life
    auto const tokens = cache(options);
    mock.next(canned(10));
    mock.next(canned(10));
    token_of(tokens, "old-1");
    token_of(tokens, "old-2");
    asio::steady_timer half(context, 5s);
    bool due = false;
    half.async_wait([&](boost::system::error_code) { due = true; });
    run_until(context, [&] { return due; });
    mock.next(mock_answer::genuine().hold());
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("old-1"))) != nullptr);
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("old-2"))) != nullptr); // has to queue
    run_until(context, [&] { return mock.requests() == 3; });
    waiting wanted(context, wanting(tokens, "new"));
    run_until(context, [&] { return tokens.stats().tokens.waiting == 1; });
    mock.release();
    BOOST_TEST(wanted.wait().has_value());
    run_until(context, [&] { return tokens.stats().tokens.refreshed == 5; });
    auto const raw = mock.raw_requests();
    BOOST_REQUIRE(raw.size() == 5U);
    BOOST_TEST(contains(raw[2], "scope=old-1"));
    BOOST_TEST(contains(raw[3], "scope=new"));
    BOOST_TEST(contains(raw[4], "scope=old-2"));
}

BOOST_AUTO_TEST_SUITE_END()
