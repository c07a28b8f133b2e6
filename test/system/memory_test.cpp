// Memory that runs out at every point of an exchange (L1, L2 of doc/faults.md): each exchange ends with a
// token or an error, nothing is left behind, which the sanitizers watch, and the next exchange works.
#include "support/descriptors.hpp"
#include "support/service.hpp"
#include "system/scripted_system.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <new>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

/// Alive as long as the coroutine that holds it.
struct counted_frame {
    explicit counted_frame(int& count) : alive(count) { ++alive; }
    counted_frame(counted_frame const&) = delete;
    counted_frame& operator=(counted_frame const&) = delete;
    ~counted_frame() { --alive; }
    int& alive;
};

struct fixture : service {
    int frames = 0;
    int ended = 0;
    int tokens = 0;
    std::optional<sts::error_info> last;

    asio::awaitable<void> run(sts::client client, sts::exchange_request request) {
        counted_frame const alive(frames);
        try {
            auto const got = co_await client.try_exchange(std::move(request));
            if (got.has_value())
                ++tokens;
            else
                last = got.error();
        } catch (std::bad_alloc const&) {
            // From Asio's own part of the way, before the exchange began.
        }
        ++ended;
    }

    /// Fails the allocations one after another until an exchange needs no more. How many there were.
    template <class Executor, class Prepare>
    std::size_t fail_each(Executor const& executor, Prepare prepare) {
        auto const asked = request();
        for (std::size_t at = 0;; ++at) {
            BOOST_REQUIRE(at < 5000);
            auto const sts_client = prepare();
            auto const wanted = ended + 1;
            bool failed = false;
            {
                scripted::no_memory_at const point(at);
                bool begun = false;
                try {
                    asio::co_spawn(executor, run(sts_client, asked), asio::detached);
                    begun = true;
                } catch (std::bad_alloc const&) {
                    ended = wanted; // no coroutine was made
                }
                context.restart();
                while (begun && ended != wanted) {
                    try {
                        BOOST_REQUIRE_MESSAGE(context.run_one_for(patience) != 0, "lost at " << at);
                    } catch (std::bad_alloc const&) {
                        // Asio's own, out of its entry to a coroutine that has not begun.
                        if (frames == 0) ended = wanted;
                    }
                }
                failed = point.happened();
            }
            BOOST_REQUIRE(ended == wanted);
            BOOST_TEST(frames == 0);
            BOOST_TEST(sts_client.stats().waiting == 0U);
            BOOST_TEST(sts_client.stats().leased == 0U);
            BOOST_REQUIRE_MESSAGE(exchange(sts_client, asked).has_value(), "unusable after " << at);
            sts_client.close();
            if (!failed) return at;
        }
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(memory, fixture)

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_of_a_first_exchange) {
    asio::steady_timer const timer(context); // has the context open what it works with
    auto const descriptors = open_descriptors();
    auto const points = fail_each(context.get_executor(), [&] { return client(one_attempt()); });
    BOOST_TEST(points > 100U);
    BOOST_REQUIRE(last.has_value());
    context.restart();
    context.run();
    BOOST_TEST(eventually([&] { return open_descriptors() == descriptors; }));
}

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_of_an_exchange_with_retries) {
    auto options = this->options();
    options.retry.base_delay = std::chrono::nanoseconds(1);
    options.retry.classifier = [](sts::error_info const&, unsigned) {
        return sts::retry_decision::by_default;
    };
    fail_each(context.get_executor(), [&] {
        mock.next(mock_answer::error(503, ""));
        return client(options);
    });
}

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_of_a_pooled_exchange) {
    fail_each(context.get_executor(), [&] {
        auto const warm = client(one_attempt());
        BOOST_REQUIRE(exchange(warm).has_value());
        return warm;
    });
}

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_on_a_strand) {
    auto const strand = asio::make_strand(context);
    fail_each(strand, [&] { return client(one_attempt()); });
}

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_behind_a_name) {
    scripted::name("localhost.test", {"127.0.0.1"});
    fail_each(context.get_executor(), [&] {
        auto options = one_attempt();
        options.endpoint =
            sts::endpoint("https://localhost.test:" + std::to_string(mock.port()) + "/use/token");
        options.insecure_skip_verification = true;
        return client(options);
    });
}

BOOST_AUTO_TEST_CASE(L2_cancelling_and_closing_need_no_memory) {
    mock.always(mock_answer::genuine().hold());
    for (std::size_t at = 0; at < 20; ++at) {
        auto const sts_client = client();
        auto const before = mock.requests();
        started cancelled(context, sts_client, request());
        started closed(context, sts_client, request());
        run_until(context, [&] { return mock.requests() == before + 2; });
        asio::cancellation_signal drain;
        bool down = false;
        asio::co_spawn(context, sts_client.shutdown(),
                       asio::bind_cancellation_slot(drain.slot(), [&](std::exception_ptr) { down = true; }));
        context.restart();
        context.poll(); // the shutdown has begun
        BOOST_TEST(!down);
        cancelled.cancel();
        {
            scripted::no_memory_at const point(at);
            context.restart();
            context.poll();
            sts_client.close();
        }
        BOOST_TEST(cancelled.wait().error().kind == error_kind::canceled);
        BOOST_TEST(closed.wait().error().kind == error_kind::canceled);
        run_until(context, [&] { return down; });
    }
}

BOOST_AUTO_TEST_SUITE_END()
