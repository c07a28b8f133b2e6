// The end of a token cache: shutdown, close, its last handle, its context.
#include "client/cached_service.hpp"

#include <deque>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(token_cache, cached)

BOOST_AUTO_TEST_CASE(shutdown_lets_those_who_wait_have_their_token) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = cache();
    waiting one(context, wanting(tokens, "a"));
    run_until(context, [&] { return mock.requests() == 1; });
    bool ended = false;
    asio::co_spawn(context, tokens.shutdown(), [&](std::exception_ptr const&) { ended = true; });
    context.poll();
    waiting late(context, wanting(tokens, "b"));
    BOOST_TEST(late.canceled());
    BOOST_TEST(!ended);
    mock.release();
    BOOST_TEST(one.wait().has_value());
    run_until(context, [&] { return ended; });
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("a"))) == nullptr);
}

BOOST_AUTO_TEST_CASE(close_ends_every_wait_and_forgets_every_token) {
    mock.next(mock_answer::genuine());
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 2;
    auto const tokens = cache(options);
    token_of(tokens, "held");
    std::deque<waiting> all;
    for (auto const* const scope : {"a", "b", "c", "d"}) // of which two stand in the queue
        all.emplace_back(context, wanting(tokens, scope));
    run_until(context, [&] { return mock.requests() == 3; });
    tokens.close();
    tokens.close();
    for (auto& one : all)
        BOOST_TEST(one.canceled());
    waiting late(context, wanting(tokens, "held"));
    BOOST_TEST(late.canceled());
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("held"))) == nullptr);
    context.restart();
    context.run(); // returns: nothing is left of it
    BOOST_TEST(tokens.stats().tokens.in_flight == 0U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(J11_the_last_handle_ends_the_cache) {
    mock.always(mock_answer::genuine().hold());
    std::optional<sts::token_cache> tokens(cache());
    auto request = scoped("a");
    auto wait = tokens->try_get(request);
    BOOST_TEST(mock.requests() == 0U);
    tokens.reset(); // the coroutine, not yet begun, holds it
    waiting one(context, [&] { return std::move(wait); });
    run_until(context, [&] { return mock.requests() == 1; });
    mock.release();
    BOOST_TEST(one.wait().has_value());
    context.restart();
    context.run();
}

BOOST_AUTO_TEST_CASE(J11_a_context_that_goes_first_takes_those_who_wait_along) {
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 1;
    std::optional<sts::token_cache> tokens;
    int resumed = 0;
    {
        asio::io_context gone;
        tokens.emplace(sts::client(gone.get_executor(), one_attempt()), options);
        for (auto const* const scope : {"a", "a", "b"})
            asio::co_spawn(gone, tokens->try_get(scoped(scope)),
                           [&](std::exception_ptr const&, token_outcome const&) { ++resumed; });
        while (mock.requests() == 0)
            gone.run_one();
    }
    BOOST_TEST(resumed == 0);
    BOOST_TEST(tokens->peek(tokens->key_of(scoped("a"))) == nullptr);
    BOOST_TEST(get(*tokens, "a").error().kind == error_kind::canceled);
    for (auto const* const scope : {"a", "b"}) // one was on its way, the other in the queue
        tokens->erase(tokens->key_of(scoped(scope)));
    mock.release();
}

BOOST_AUTO_TEST_SUITE_END()
