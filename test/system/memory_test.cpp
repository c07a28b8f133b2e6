// Memory that runs out at every point of an exchange (L1 of doc/faults.md): each exchange ends with a token
// or an error, nothing is left behind, which the sanitizers watch, and the next exchange works.
#include "support/descriptors.hpp"
#include "support/sanitized.hpp"
#include "support/token_source.hpp"
#include "system/scripted_system.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

using namespace test;
using namespace std::chrono_literals;
using sts::testing::mock_answer;

#if !TEST_TSAN // there is one thread, and thousands of handshakes

namespace {

/// Alive as long as the coroutine that holds it.
struct counted_frame {
    explicit counted_frame(int& count) : alive(count) { ++alive; }
    counted_frame(counted_frame const&) = delete;
    counted_frame& operator=(counted_frame const&) = delete;
    ~counted_frame() { --alive; }
    int& alive;
};

/// A subject token, after a turn of the executor; tells when it is asked.
struct slow_supplier final : sts::subject_token_supplier {
    explicit slow_supplier(sts::subject_token what) : token(std::move(what)) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
        if (asked) asked();
        auto const executor = context.executor();
        co_await asio::post(executor, asio::use_awaitable);
        co_return token;
    }
    std::string describe() const override { return "a supplier whose name needs memory to be told"; }

    sts::subject_token const token;
    std::function<void()> asked;
};

struct fixture : sourced {
    int frames = 0;
    int ended = 0;
    int tokens = 0;
    std::optional<sts::error_info> last;

    void keep(sts::error_info const& told) {
        BOOST_TEST(!told.message.empty(), told.kind << " in " << to_string(told.phase));
        last = told;
    }

    asio::awaitable<void> run(sts::client client, sts::exchange_request request) {
        counted_frame const alive(frames);
        try {
            auto const got = co_await client.try_exchange(std::move(request));
            if (got.has_value())
                ++tokens;
            else
                keep(got.error());
        } catch (std::bad_alloc const&) {
            // From Asio's own part of the way, before the exchange began.
        }
        ++ended;
    }

    asio::awaitable<void> run_without_memory(sts::client client, sts::exchange_request request) {
        auto const first = co_await client.try_exchange(request); // Asio keeps what it took for that
        BOOST_TEST(first.has_value());
        auto exchange = client.try_exchange(request);
        scripted::no_memory_at const point(0);
        try {
            auto const got = co_await std::move(exchange);
            if (got.has_error()) last = got.error();
        } catch (std::bad_alloc const&) {
            last.emplace(); // Asio has kept nothing
        }
        BOOST_TEST(point.happened());
        ++ended;
    }

    /// Fails the allocations one after another until an exchange needs no more. How many there were.
    template <class Executor, class Prepare>
    std::size_t fail_each(Executor const& executor, Prepare prepare) {
        auto const asked = request();
        for (std::size_t at = 0;; ++at) {
            BOOST_REQUIRE(at < 5000);
            auto const sts_client = prepare();
            asio::cancellation_signal signal;
            auto const wanted = ended + 1;
            bool failed = false;
            {
                scripted::no_memory_at const point(at);
                bool begun = false;
                try {
                    asio::co_spawn(executor, run(sts_client, asked),
                                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
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
            auto const again = exchange(sts_client, asked);
            BOOST_REQUIRE_MESSAGE(again.has_value(),
                                  "unusable after " << at << ": " << again.error().to_string());
            sts_client.close();
            if (!failed) return at;
        }
    }

    asio::awaitable<void> take(sts::token_source tokens) {
        counted_frame const alive(frames);
        try {
            auto const got = co_await tokens.try_get();
            if (got.has_value())
                ++this->tokens;
            else
                keep(got.error());
        } catch (std::bad_alloc const&) {
            // From Asio's own part of the way, or for the frame of the wait.
        }
        ++ended;
    }

    /// The same for a token source's first `get()`; with a supplier from the moment on when it is asked.
    /// (What comes before, making a strand, crashes in Asio 1.81 when its second allocation fails.)
    std::size_t fail_each_get(sts::exchange_request const& asked, slow_supplier* supplier = nullptr) {
        for (std::size_t at = 0;; ++at) {
            BOOST_REQUIRE(at < 5000);
            auto options = one_attempt();
            // Where Asio itself runs out and loses the supplier's coroutine, the exchange waits for its end.
            if (supplier != nullptr) options.timeout = 5s;
            auto const used = client(options);
            auto const tokens = source(used, asked);
            auto const wanted = ended + 1;
            bool failed = false;
            {
                std::optional<scripted::no_memory_at> point;
                if (supplier == nullptr)
                    point.emplace(at);
                else
                    supplier->asked = [&] { point.emplace(at); };
                bool begun = false;
                try {
                    asio::co_spawn(context, take(tokens), asio::detached);
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
                failed = point && point->happened();
                if (supplier != nullptr) supplier->asked = nullptr;
            }
            BOOST_REQUIRE(ended == wanted);
            BOOST_TEST(frames == 0);
            BOOST_TEST(tokens.stats().waiting == 0U);
            BOOST_TEST(tokens.stats().in_flight == 0U);
            scripted::advance_steady_clock(300ms); // past the time in which a failure is told again
            auto const again = get(tokens);
            BOOST_REQUIRE_MESSAGE(again.has_value(), "unusable after " << at);
            tokens.close();
            used.close();
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
    options.observer = [](sts::event const&) {};
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

// For such an executor Asio needs memory to count work; later on its strand loses what it has none for.
BOOST_AUTO_TEST_CASE(L1_runs_out_as_a_caller_on_a_strand_of_any_executor_begins_to_wait) {
    auto const strand = asio::make_strand(asio::any_io_executor(context.get_executor()));
    auto const warm = client(one_attempt());
    BOOST_REQUIRE(exchange(warm).has_value());
    asio::co_spawn(strand, run_without_memory(warm, request()), asio::detached);
    run_until(context, [&] { return ended == 1; });
    BOOST_REQUIRE(last.has_value());
    BOOST_TEST(!last->request_sent);
    BOOST_TEST(exchange(warm).has_value());
}

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_behind_a_name) {
    scripted::name("localhost.test", {"127.0.0.1"});
    fail_each(context.get_executor(), [&] {
        auto options = one_attempt();
        options.endpoint =
            sts::endpoint("https://localhost.test:" + std::to_string(mock.port()) + "/use/token");
        options.tls.insecure_skip_verification = true;
        return client(options);
    });
}

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_of_a_sources_first_token) {
    asio::steady_timer const timer(context); // has the context open what it works with
    auto const descriptors = open_descriptors();
    auto const points = fail_each_get(request());
    BOOST_TEST(points > 100U);
    context.restart();
    context.run();
    BOOST_TEST(eventually([&] { return open_descriptors() == descriptors; }));
}

BOOST_AUTO_TEST_CASE(L1_runs_out_at_each_allocation_once_a_supplier_is_asked_for_a_sources_first_token) {
    auto const supplier = std::make_shared<slow_supplier>(sts::subject_token(mock.id_token()));
    auto const asked = sts::exchange_request(supplier).scope(sts::scope::role_assignments("1"));
    BOOST_TEST(fail_each_get(asked, supplier.get()) > 100U);
}

BOOST_AUTO_TEST_SUITE_END()

#endif
