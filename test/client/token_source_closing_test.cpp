// The end of a token source: close, shutdown, its context; its copy in a child of fork.
#include "support/service_process.hpp"
#include "support/token_source.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

/// Without a thread of a mock's in this process.
struct beside {
    service_process server; // first: it must be forked before there are threads
    asio::io_context context;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_source, sourced)

BOOST_AUTO_TEST_CASE(J11_destroyed_while_it_fetches_leaves_nothing) {
    mock.next(mock_answer::genuine().hold());
    auto const used = client(one_attempt());
    {
        auto const tokens = source(used, request());
        waiting one(context, [&] { return tokens.try_get(); });
        run_until(context, [&] { return mock.requests() == 1; });
        tokens.close();
        BOOST_TEST(one.canceled());
    }
    used.close();
    context.restart();
    context.run(); // returns: no timer, no connection is left
    mock.release();
    BOOST_TEST(used.stats().failed(error_kind::canceled) == 1U);
}

BOOST_AUTO_TEST_CASE(J11_a_context_that_goes_first_takes_those_who_wait_along) {
    mock.always(mock_answer::genuine().hold());
    std::optional<sts::token_source> tokens;
    std::optional<int> resumed;
    {
        asio::io_context gone;
        sts::client const used(gone.get_executor(), one_attempt());
        tokens.emplace(used, request());
        asio::co_spawn(gone, tokens->get(),
                       [&](std::exception_ptr const&, token_ptr const&) { resumed = 1; });
        while (mock.requests() == 0)
            gone.run_one();
    }
    BOOST_TEST(!resumed);
    BOOST_TEST(tokens->peek() == nullptr);
    waiting late(context, [&] { return tokens->try_get(); });
    BOOST_TEST(late.canceled());
    mock.release();
}

BOOST_AUTO_TEST_CASE(shutdown_lets_those_who_wait_have_their_token) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = source();
    waiting one(context, [&] { return tokens.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    bool ended = false;
    asio::co_spawn(context, tokens.shutdown(), [&](std::exception_ptr const&) { ended = true; });
    context.poll();
    waiting late(context, [&] { return tokens.try_get(); });
    BOOST_TEST(late.canceled());
    BOOST_TEST(!ended);
    mock.release();
    BOOST_TEST(one.wait().has_value());
    run_until(context, [&] { return ended; });
    BOOST_TEST(tokens.peek() == nullptr);
}

BOOST_AUTO_TEST_CASE(shutdown_is_bounded) {
    mock.next(mock_answer::genuine().hold());
    sts::refresh_options options;
    options.shutdown_timeout = std::chrono::milliseconds(20);
    auto const tokens = source(client(), request(), options);
    waiting one(context, [&] { return tokens.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    bool ended = false;
    asio::co_spawn(context, tokens.shutdown(), [&](std::exception_ptr const&) { ended = true; });
    BOOST_TEST(one.canceled());
    run_until(context, [&] { return ended; });
    mock.release();
}

BOOST_AUTO_TEST_CASE(closing_it_lets_the_context_end_and_leaves_the_client_to_others) {
    auto const used = client();
    auto const tokens = source(used, request());
    BOOST_TEST(token_of(tokens) != nullptr);
    tokens.close();
    BOOST_TEST(tokens.peek() == nullptr);
    BOOST_TEST(exchange(used).has_value());
    used.close();
    context.restart();
    context.run();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(token_source_forked, beside)

BOOST_AUTO_TEST_CASE(L6_a_child_of_fork_that_destroys_its_copy_disturbs_no_refresh) {
    sts::client_options options;
    options.endpoint = sts::endpoint(server.url());
    options.tls.ca_pem = server.ca_pem();
    std::optional<sts::token_source> tokens(
        std::in_place, sts::client(context.get_executor(), options),
        sts::exchange_request(sts::subject_token("abc")).scope(sts::scope("s")));
    waiting first(context, [&] { return tokens->try_get(); });
    auto const held = *first.wait();
    auto const child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        tokens->close();
        tokens.reset();
        ::_exit(0);
    }
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST(status == 0);
    BOOST_TEST(tokens->peek() == held);
    tokens->invalidate(*held);
    waiting second(context, [&] { return tokens->try_get(); });
    BOOST_TEST(second.wait().has_value());
    BOOST_TEST(tokens->stats().failed == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
