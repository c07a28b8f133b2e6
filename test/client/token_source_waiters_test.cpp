// Those who wait for the token of a source: many, and each leaves alone.
#include "support/token_source.hpp"

#include <boost/asio/detached.hpp>

#include <cstddef>
#include <deque>
#include <random>
#include <set>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

asio::awaitable<void> take_one(sts::token_source source, std::multiset<std::string>& into, int& left) {
    auto const got = co_await source.get();
    into.emplace(got->access_token.reveal());
    --left;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_source, sourced)

BOOST_AUTO_TEST_CASE(J1_ten_thousand_waiters_cost_one_request_a_hundred_times) {
    auto const shared = client(one_attempt());
    for (int round = 0; round < 100; ++round) {
        auto const tokens = source(shared, request());
        auto const before = mock.requests();
        std::multiset<std::string> got;
        int left = 10'000;
        for (int i = 0; i < 10'000; ++i)
            asio::co_spawn(context, take_one(tokens, got, left), asio::detached);
        run_until(context, [&] { return left == 0; });
        BOOST_REQUIRE(mock.requests() - before == 1U);
        BOOST_REQUIRE(got.count(*got.begin()) == 10'000U);
    }
}

BOOST_AUTO_TEST_CASE(J2_the_beginners_cancellation_is_its_own) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = source();
    auto const wait = [&] { return tokens.try_get(); };
    waiting beginner(context, wait);
    std::deque<waiting> others;
    for (int i = 0; i < 100; ++i)
        others.emplace_back(context, wait);
    run_until(context, [&] { return mock.requests() == 1; });
    beginner.cancel();
    BOOST_TEST(beginner.canceled());
    mock.release();
    std::set<token_ptr> got;
    for (auto& one : others) {
        auto const& outcome = one.wait();
        BOOST_REQUIRE(outcome.has_value());
        got.insert(*outcome);
    }
    BOOST_TEST(got.size() == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(J3_with_its_last_waiter_the_exchange_ends_and_the_next_caller_begins_anew) {
    mock.next(mock_answer::genuine().hold());
    auto const used = client(one_attempt());
    auto const tokens = source(used, request());
    std::deque<waiting> all;
    for (int i = 0; i < 10; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    for (auto& one : all)
        one.cancel();
    for (auto& one : all)
        BOOST_TEST(one.canceled());
    run_until(context, [&] { return tokens.stats().in_flight == 0; });
    BOOST_TEST(tokens.stats().waiting == 0U);
    BOOST_TEST(used.stats().leased == 0U);
    BOOST_TEST(used.stats().failed(error_kind::canceled) == 1U);
    BOOST_TEST(token_of(tokens) != nullptr);
    BOOST_TEST(mock.requests() == 2U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(J4_a_waiter_whose_time_is_over_leaves_alone) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = source();
    waiting hasty(context, [&] { return tokens.try_get(std::chrono::milliseconds(20)); });
    waiting patient(context, [&] { return tokens.try_get(); });
    auto const& ended = hasty.wait();
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::timeout);
    BOOST_TEST(!patient.done());
    mock.release();
    BOOST_TEST(patient.wait().has_value());
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(no_time_to_wait_is_answered_at_once_and_begins_nothing) {
    auto const tokens = source();
    waiting one(context, [&] { return tokens.try_get(std::chrono::nanoseconds(0)); });
    BOOST_TEST(one.wait().error().kind == error_kind::timeout);
    BOOST_TEST(tokens.stats().fetches == 0U);
    auto const held = token_of(tokens);
    waiting two(context, [&] { return tokens.try_get(std::chrono::nanoseconds(-1)); });
    BOOST_TEST(*two.wait() == held);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(token_source_field, sourced)

BOOST_AUTO_TEST_CASE(J2_J3_J4_whoever_leaves_whenever_the_others_have_their_token) {
    std::mt19937 dice(4711);
    auto const shared = client(one_attempt());
    for (int round = 0; round < 100; ++round) {
        auto const tokens = source(shared, request());
        std::deque<waiting> all;
        for (int i = 0; i < 20; ++i)
            all.emplace_back(context, [&] { return tokens.try_get(); });
        std::set<std::size_t> gone;
        for (auto left = dice() % 20; left > 0; --left) {
            context.restart();
            for (auto steps = dice() % 12; steps > 0; --steps)
                context.run_one_for(1ms);
            auto const who = dice() % all.size();
            gone.insert(who);
            all[who].cancel();
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (gone.count(i) == 0)
                BOOST_REQUIRE(all[i].wait().has_value());
            else
                run_until(context, [&] { return all[i].done(); });
        }
        BOOST_REQUIRE(tokens.stats().fetches == 1U);
        BOOST_REQUIRE(tokens.stats().waiting == 0U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
