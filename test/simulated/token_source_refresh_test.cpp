// A token source that refreshes its token for minutes and hours, in simulated time.
#include "simulated/simulation.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

/// Takes the token every 100 ms.
asio::awaitable<void> read(sts::token_source tokens, nanoseconds first, int times, std::size_t& reads) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    auto when = std::chrono::steady_clock::now() + first;
    for (int i = 0; i < times; ++i) {
        timer.expires_at(when);
        co_await timer.async_wait(asio::use_awaitable);
        auto const got = co_await tokens.get();
        BOOST_REQUIRE(got != nullptr);
        ++reads;
        when += 100ms;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(refresh)

// A token of 2 s is due between 0.8 and 1.0 s after its request, at random, and each look at the time is up
// to 10 ms apart: in 60 s the first request and between 60/1.01 = 59 and 60/0.8 = 75 more.
BOOST_FIXTURE_TEST_CASE(S7_a_thousand_readers_never_wait_for_a_token_that_is_refreshed, living_for<2>) {
    watch();
    BOOST_REQUIRE(get_now().has_value());
    std::size_t reads = 0;
    for (int i = 0; i < 1000; ++i)
        asio::co_spawn(context, read(*tokens, i * 100us, 600, reads), asio::detached);
    run_for(60s, 10ms, [&] { BOOST_REQUIRE(tokens->peek() != nullptr); });
    run_for(100ms, 10ms);
    BOOST_TEST(reads == 600'000U);
    BOOST_TEST(mock.requests() >= 60U);
    BOOST_TEST(mock.requests() <= 76U);
    BOOST_TEST(tokens->stats().misses == 1U);
    BOOST_TEST(tokens->stats().failed == 0U);
}

// The token, each time it is served, against the time that really went by since it was first seen: it was
// made then, as time stands still during an exchange.
BOOST_FIXTURE_TEST_CASE(J8_no_order_of_clock_jumps_and_sleep_has_an_expired_token_served_or_a_storm,
                        living_for<60>) {
    enum event : unsigned char { forward, back, right, sleep };
    std::vector<event> order = {forward, back, right, sleep};
    watch();
    std::map<std::string, nanoseconds> born;
    auto const look = [&] {
        auto const got = get_now();
        BOOST_REQUIRE(got.has_value());
        auto const now = simulated::elapsed();
        auto const [known, fresh] = born.emplace((*got)->access_token.reveal(), now);
        BOOST_REQUIRE((now - known->second < 60s));
    };
    look();
    do {
        for (auto const what : order) {
            auto const before = mock.requests();
            if (what == sleep)
                simulated::suspend(24h);
            else
                simulated::shift_wall_clock(what == forward ? 24h : what == back ? -24h : 0h);
            look();
            BOOST_REQUIRE(mock.requests() - before <= 1U);
            run_for(90s, 500ms, look);
            // Each is due 24 s after the one before or later: 3 in 90 s, and one for the jump.
            BOOST_REQUIRE(mock.requests() - before <= 4U);
        }
    } while (std::next_permutation(order.begin(), order.end()));
    simulated::shift_wall_clock(0h);
    BOOST_TEST(tokens->stats().failed == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_token_that_nobody_uses_lapses_and_its_timer_goes, living_for<600>) {
    watch();
    BOOST_REQUIRE(get_now().has_value());
    run_for(5h, 1s);
    // The first was used; the one that replaced it was not.
    BOOST_TEST(mock.requests() == 2U);
    BOOST_TEST(tokens->stats().refreshed == 2U);
    BOOST_TEST(tokens->peek() == nullptr);
    context.restart();
    context.poll();
    BOOST_TEST(context.stopped()); // no work is left, though neither is closed
    BOOST_TEST(get_now().has_value());
    tokens->close();
    used.close();
    settle();
    BOOST_TEST(context.stopped());
}

BOOST_FIXTURE_TEST_CASE(a_service_that_gives_the_same_token_again_has_nobody_refused_at_its_end, simulation) {
    sts::refresh_options options;
    options.max_margin = 0s; // else each would be served a little longer than the one before
    watch(source(used, credentials(), options));
    auto const end = simulated::elapsed() + 600s;
    auto const left = [&] { return std::chrono::floor<std::chrono::seconds>(end - simulated::elapsed()); };
    mock.always(token_for(left()));
    BOOST_REQUIRE(get_now().has_value());
    run_for(595s, 100ms, [&] {
        mock.always(token_for(left()));
        BOOST_REQUIRE(get_now().has_value());
    });
    BOOST_TEST(mock.requests() >= 5U);
    BOOST_TEST(mock.requests() <= 15U); // 1, 2, 4... 60 s apart from 240 s on
    mock.always(std::nullopt);
    run_for(60s, 100ms, [&] { BOOST_REQUIRE(get_now().has_value()); });
}

BOOST_FIXTURE_TEST_CASE(a_token_that_ends_while_a_caller_comes_is_no_answer_without_one, living_for<60>) {
    watch();
    // Awaited later than it was made: the token comes in between, and ends as the caller comes.
    for (int early = 0; early < 12; ++early) {
        std::vector<asio::awaitable<token_outcome>> made;
        made.push_back(tokens->try_get());
        BOOST_REQUIRE(get_now().has_value());
        simulated::advance(54s - early * 1ms);
        std::optional<token_outcome> got;
        {
            simulated::slow_looks const slow(1ms);
            asio::co_spawn(context, std::move(made.back()),
                           [&](std::exception_ptr const& thrown, token_outcome outcome) {
                               BOOST_TEST(!thrown);
                               got.emplace(std::move(outcome));
                           });
            settle();
        }
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST((got->has_value() && **got != nullptr));
        run_for(60s, 60s); // the next round begins without a token
    }
}

BOOST_AUTO_TEST_SUITE_END()
