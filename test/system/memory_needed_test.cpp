// What needs no memory, or that of its result alone (L2 of doc/faults.md): an exchange, a source and a client
// end although memory has run out.
#include "support/sanitized.hpp"
#include "support/token_source.hpp"
#include "system/scripted_system.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

#if !TEST_TSAN // there is one thread

namespace {

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

} // namespace

BOOST_FIXTURE_TEST_SUITE(memory, sourced)

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
    started one(context, sts_client, request().timeout(500ms)); // long enough to get to the wait
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
