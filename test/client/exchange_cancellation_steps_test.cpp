// Cancellation at every moment of an exchange, and in races (section F, and E10, of doc/faults.md).
#include "support/descriptors.hpp"
#include "support/refused.hpp"
#include "support/service.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

struct fixture : service {
    /// Cancels an exchange after k handlers of the context were run, for k = 0, 1, ... until one ends before
    /// that. Each must end once, with `canceled` or a token, and leave nothing behind.
    void cancel_at_each_step(std::function<sts::client()> const& prepare) {
        asio::steady_timer const timer(context); // has the context open what it works with
        auto const descriptors = open_descriptors();
        auto const asked = request();
        bool finished = false;
        for (int step = 0; !finished; ++step) {
            BOOST_REQUIRE(step < 2000);
            auto const sts_client = prepare();
            {
                started one(context, sts_client, asked);
                context.restart();
                for (int i = 0; i < step && !one.done(); ++i)
                    context.run_one_for(patience);
                finished = one.done();
                one.cancel();
                bool const canceled = one.canceled();
                BOOST_TEST((canceled || one.wait().has_value()), step);
            }
            auto const left = sts_client.stats();
            BOOST_TEST(left.waiting + left.leased + left.pausing == 0U);
            BOOST_TEST(exchange(sts_client, asked).has_value(), step);
            sts_client.close();
            context.restart();
            context.run(); // nothing is left to wait for
            BOOST_TEST(sts_client.stats().open + sts_client.stats().opening == 0U);
        }
        BOOST_TEST(eventually([&] { return open_descriptors() == descriptors; }));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(cancelling, fixture)

BOOST_AUTO_TEST_CASE(F6_at_each_step_of_a_first_exchange) {
    cancel_at_each_step([&] { return client(hasty()); });
}

BOOST_AUTO_TEST_CASE(F6_at_each_step_of_a_pooled_exchange) {
    cancel_at_each_step([&] {
        auto const warm = client(hasty());
        BOOST_REQUIRE(exchange(warm).has_value());
        return warm;
    });
}

BOOST_AUTO_TEST_CASE(F6_at_each_step_of_an_exchange_with_retries) {
    cancel_at_each_step([&] {
        mock.next(mock_answer::error(503, ""));
        mock.next(mock_answer::genuine().reset_after(5));
        return client(hasty());
    });
}

BOOST_AUTO_TEST_CASE(F6_at_each_step_while_a_stale_connection_is_replaced) {
    cancel_at_each_step([&] {
        auto const stale = client(hasty());
        mock.next(mock_answer::genuine().cut_after());
        BOOST_REQUIRE(exchange(stale).has_value());
        return stale;
    });
}

BOOST_AUTO_TEST_CASE(E10_F9_at_the_moment_a_connection_or_an_answer_is_handed_over) {
    auto limited = hasty();
    limited.pool.max_connections = 1;
    bool finished = false;
    for (int step = 0; !finished; ++step) {
        BOOST_REQUIRE(step < 2000);
        auto const sts_client = client(limited);
        started first(context, sts_client, request());
        started second(context, sts_client, request());
        started third(context, sts_client, request());
        context.restart();
        for (int i = 0; i < step && !second.done(); ++i)
            context.run_one_for(patience);
        finished = second.done();
        second.cancel();
        second.cancel(); // F7
        bool const canceled = second.canceled();
        BOOST_TEST((canceled || second.wait().has_value()));
        BOOST_TEST(first.wait().has_value());
        BOOST_TEST(third.wait().has_value());
        BOOST_TEST(sts_client.stats().open == 1U);
        sts_client.close();
    }
}

BOOST_AUTO_TEST_CASE(F10_the_first_of_cancellation_and_deadline_is_told) {
    mock.always(mock_answer::genuine().hold());
    auto const sts_client = client();
    started late(context, sts_client, request().timeout(60ms));
    run_until(context, [&] { return mock.requests() == 1; });
    auto const deadline = std::chrono::steady_clock::now() + 60ms;
    while (std::chrono::steady_clock::now() < deadline) // over, and the sweep has not come
        std::atomic_signal_fence(std::memory_order_seq_cst);
    late.cancel(); // comes to the context first, or second: one kind in either case
    auto const& ended = late.wait();
    BOOST_TEST((ended.error().kind == error_kind::canceled || ended.error().kind == error_kind::timeout));
    BOOST_TEST(sts_client.stats().failed() == 1U);

    started early(context, sts_client, request().timeout(10s));
    run_until(context, [&] { return mock.requests() == 2; });
    early.cancel();
    sts_client.close(); // later
    BOOST_TEST(
        contains(early.wait().error().message, "client is closed")); // the cancellation was only posted
}

BOOST_AUTO_TEST_CASE(F7_an_exchange_that_is_over_is_not_touched) {
    auto const sts_client = client();
    started one(context, sts_client, request());
    BOOST_TEST(one.wait().has_value());
    one.cancel();
    one.cancel();
    context.restart();
    context.poll();
    BOOST_TEST(one.wait().has_value());
    BOOST_TEST(exchange(sts_client).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
