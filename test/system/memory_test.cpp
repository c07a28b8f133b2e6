// Memory that runs out at every point of an exchange (L1, L2 of doc/faults.md): each exchange ends with a
// token or an error, nothing is left behind, which the sanitizers watch, and the next exchange works.
#include "support/descriptors.hpp"
#include "support/sanitized.hpp"
#include "support/token_source.hpp"
#include "system/scripted_system.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <new>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
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

BOOST_AUTO_TEST_CASE(L2_a_token_that_is_there_needs_no_memory) {
    auto const source = this->source();
    BOOST_REQUIRE(get(source).has_value());
    int hits = 0;
    {
        scripted::no_memory_at const gone(0, true);
        for (int i = 0; i < 100; ++i)
            if (source.peek()) ++hits;
    }
    BOOST_TEST(hits == 100);
#ifndef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
    asio::co_spawn(
        context,
        [](sts::token_source from, int& taken) -> asio::awaitable<void> {
            auto const first = co_await from.get(); // leaves its frame for the next
            scripted::no_memory_at const gone(0, true);
            for (int i = 0; i < 100; ++i) {
                auto const got = co_await from.get();
                if (got == first) ++taken;
            }
        }(source, hits),
        [](std::exception_ptr const& thrown) { BOOST_TEST(!thrown); });
    context.restart();
    context.poll();
    BOOST_TEST(hits == 200);
#endif
}

BOOST_AUTO_TEST_CASE(L2_ending_a_source_needs_no_memory) {
    mock.always(mock_answer::genuine().hold());
    auto const tokens = source();
    waiting one(context, [&] { return tokens.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    {
        scripted::no_memory_at const gone(0, true);
        tokens.close();
    }
    BOOST_TEST(one.canceled());
    run_until(context, [&] { return tokens.stats().in_flight == 0; });
}

BOOST_AUTO_TEST_CASE(L2_closing_needs_no_memory_at_all) {
    mock.always(mock_answer::genuine().hold());
    for (bool const by_the_last_handle : {false, true}) {
        std::optional<sts::client> sts_client = client();
        auto const before = mock.requests();
        started first(context, *sts_client, request());
        started second(context, *sts_client, request());
        run_until(context, [&] { return mock.requests() == before + 2; });
        bool down = false;
        if (!by_the_last_handle) {
            asio::co_spawn(context, sts_client->shutdown(), [&](std::exception_ptr) { down = true; });
            context.restart();
            context.poll(); // the shutdown has begun
        }
        {
            scripted::no_memory_at const gone(0, true);
            sts_client->close();
            sts_client.reset();
        }
        for (auto* const one : {&first, &second})
            BOOST_TEST(one->wait().error().kind == error_kind::canceled);
        if (!by_the_last_handle) run_until(context, [&] { return down; });
    }
}

BOOST_AUTO_TEST_CASE(L2_what_there_is_no_memory_for_is_not_observed) {
    mock.always(mock_answer::genuine().hold());
    auto options = this->options();
    std::size_t told = 0;
    options.observer = [&](sts::event const&) { ++told; };
    auto const sts_client = client(options);
    started one(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    context.poll(); // it waits for the answer
    auto const before = told;
    {
        scripted::no_memory_at const gone(0, true);
        sts_client.close();
    }
    BOOST_TEST(one.wait().error().kind == error_kind::canceled);
    BOOST_TEST(told == before);
}

/// Twice as often as it says, the second half counted.
asio::awaitable<void> counted_exchanges(sts::client client, sts::exchange_request request,
                                        std::uint64_t often, std::uint64_t& allocated) {
    for (std::uint64_t i = 0; i < often; ++i)
        co_await client.exchange(request);
    auto const before = scripted::allocations();
    for (std::uint64_t i = 0; i < often; ++i)
        co_await client.exchange(request);
    allocated = scripted::allocations() - before;
}

BOOST_AUTO_TEST_CASE(a_steady_exchange_asks_for_the_memory_of_its_token_alone) {
    mock.always(mock_answer::with(200,
                                  R"({"access_token":"a","token_type":"Bearer","expires_in":60,)"
                                  R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})"));
    constexpr std::uint64_t often = 50;
    std::uint64_t allocated = 0;
    bool done = false;
    asio::co_spawn(context, counted_exchanges(client(), request(), often, allocated),
                   [&](std::exception_ptr const& why) { done = why == nullptr; });
    run_until(context, [&] { return done; });
    std::uint64_t each = 2; // its access token and the name of its type
#ifdef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
    each += 3; // Asio's two frames and the operation
#endif
    BOOST_TEST(allocated == each * often);
}

BOOST_AUTO_TEST_CASE(L2_an_idle_connection_is_dropped_without_memory) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    {
        scripted::no_memory_at const gone(0, true);
        sts_client.close();
    }
    context.restart();
    context.run();
    BOOST_TEST(sts_client.stats().open == 0U);
}

BOOST_AUTO_TEST_CASE(L2_a_deadline_that_passes_needs_no_memory) {
    mock.always(mock_answer::genuine().hold());
    auto const sts_client = client();
    started one(context, sts_client, request().timeout(30ms));
    run_until(context, [&] { return mock.requests() == 1; });
    context.poll(); // it waits for the answer
    {
        scripted::no_memory_at const gone(0, true); // for the test's own checks, too
        context.restart();
        while (sts_client.stats().leased != 0 && context.run_one_for(patience) != 0) {
        }
    }
    auto const& ended = one.wait();
    BOOST_TEST(ended.error().kind == error_kind::timeout);
    BOOST_TEST(ended.error().phase == sts::phase::read);
}

BOOST_AUTO_TEST_CASE(L2_cancelling_needs_no_memory_of_ours) {
    mock.always(mock_answer::genuine().hold());
    for (std::size_t at = 0; at < 20; ++at) {
        auto const sts_client = client();
        auto const before = mock.requests();
        started one(context, sts_client, request());
        run_until(context, [&] { return mock.requests() == before + 1; });
        one.cancel();
        {
            scripted::no_memory_at const point(at);
            try {
                context.restart();
                context.poll();
            } catch (std::bad_alloc const&) {
                one.cancel(); // Asio could not pass the signal on
            }
        }
        BOOST_TEST(one.wait().error().kind == error_kind::canceled);
    }
}

BOOST_AUTO_TEST_SUITE_END()

#endif
