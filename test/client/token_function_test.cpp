// Sources without a client: of a fixed token, and of a function.
#include "support/refused.hpp"
#include "support/token_source.hpp"

#include <equinix/sts/testing/memory_store.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

namespace {

sts::token named(std::string_view text, std::optional<std::chrono::seconds> lifetime = {}) {
    sts::token made;
    made.set_access_token(text);
    made.expires_in = lifetime;
    return made;
}

struct fixture {
    asio::io_context context;
    int calls = 0;

    /// A source of a function that counts its calls.
    sts::token_source counted(std::function<asio::awaitable<sts::token>(int)> make,
                              sts::refresh_options const& options = sts::refresh_options()) {
        return {context.get_executor(), [this, make = std::move(make)] { return make(++calls); }, options};
    }
    token_outcome get(sts::token_source const& from, std::chrono::nanoseconds at_most = 20s) {
        waiting one(context, [&] { return from.try_get(at_most); });
        return std::move(one.wait());
    }
    sts::error_info failure_of(sts::token_source const& from) {
        auto got = get(from);
        BOOST_REQUIRE(got.has_error());
        return got.error();
    }
};

asio::awaitable<sts::token> returned(sts::token value) {
    co_return value;
}

template <class Thrown>
asio::awaitable<sts::token> thrown(Thrown what) {
    throw what;
    co_return sts::token();
}

/// Never ends by itself; tells whether it was cancelled.
asio::awaitable<sts::token> silent(asio::io_context& context, bool& canceled) {
    asio::steady_timer timer(context, asio::steady_timer::time_point::max());
    try {
        co_await timer.async_wait(asio::use_awaitable);
    } catch (boost::system::system_error const&) {
        canceled = true;
        throw;
    }
    co_return sts::token();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_function, fixture)

BOOST_AUTO_TEST_CASE(a_fixed_token_is_there_before_anything_runs) {
    auto const tokens = sts::token_source::fixed(context.get_executor(), named("abc"));
    auto const seen = tokens.peek();
    BOOST_REQUIRE(seen);
    BOOST_TEST(seen->authorization().reveal() == "Bearer abc");
    BOOST_TEST(get(tokens)->get() == seen.get());
    BOOST_TEST(tokens.stats().fetches == 0U);
}

BOOST_AUTO_TEST_CASE(a_fixed_token_comes_back_after_it_was_invalidated) {
    auto const tokens = sts::token_source::fixed(context.get_executor(), named("abc"));
    tokens.invalidate(*tokens.peek());
    auto const again = get(tokens);
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((*again)->access_token.reveal() == "abc");
}

BOOST_AUTO_TEST_CASE(a_fixed_token_that_has_expired_is_not_returned) {
    auto old = named("abc", 60s);
    old.requested.steady = std::chrono::steady_clock::now() - 61s;
    old.requested.system = std::chrono::system_clock::now() - 61s;
    auto const tokens = sts::token_source::fixed(context.get_executor(), old);
    BOOST_TEST(!tokens.peek());
    auto const info = failure_of(tokens);
    BOOST_TEST(info.kind == error_kind::malformed);
    BOOST_TEST(contains(info.message, "expired"), info.message);
}

BOOST_AUTO_TEST_CASE(a_bound_token_may_be_fixed) {
    sts::token bound;
    bound.bind(sts::signing_key::generate(sts::signing_algorithm::es256));
    bound.set_access_token("abc");
    auto const tokens = sts::token_source::fixed(context.get_executor(), bound);
    BOOST_TEST(tokens.peek()->authorization().reveal() == "DPoP abc");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_source_is_refused) {
    auto const executor = context.get_executor();
    BOOST_TEST(contains(refusal([&] { sts::token_source::fixed(executor, sts::token()); }), "access_token"));
    BOOST_TEST(contains(refusal([&] { sts::token_source(executor, sts::token_function()); }), "empty"));
    sts::refresh_options shared;
    shared.sharing.store = std::make_shared<sts::testing::memory_store>();
    auto const function = [] { return returned(named("abc")); };
    BOOST_TEST(contains(refusal([&] { sts::token_source(executor, function, shared); }), "store"));
}

BOOST_AUTO_TEST_CASE(a_function_is_called_once_for_all_who_wait) {
    auto const tokens = counted([](int call) { return returned(named("t" + std::to_string(call), 3600s)); });
    std::deque<waiting> all;
    for (int i = 0; i < 100; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    for (auto& one : all)
        BOOST_TEST((*one.wait())->access_token.reveal() == "t1");
    BOOST_TEST(calls == 1);
    BOOST_TEST(tokens.stats().refreshed == 1U);
}

BOOST_AUTO_TEST_CASE(a_token_that_was_invalidated_is_replaced) {
    auto const tokens = counted([](int call) { return returned(named("t" + std::to_string(call), 3600s)); });
    tokens.invalidate(**get(tokens));
    BOOST_TEST((*get(tokens))->access_token.reveal() == "t2");
}

BOOST_AUTO_TEST_CASE(a_lifetime_counts_from_the_call) {
    auto const before = std::chrono::steady_clock::now();
    auto const tokens = counted([](int) { return returned(named("abc", 3600s)); });
    auto const got = *get(tokens);
    BOOST_TEST(got->token_type == "Bearer");
    BOOST_REQUIRE(got->expires);
    BOOST_TEST((got->requested.steady >= before));
    BOOST_TEST((got->expires->steady == got->requested.steady + 3600s));
    BOOST_TEST(tokens.peek().get() == got.get());
}

BOOST_AUTO_TEST_CASE(a_token_that_cannot_be_sent_is_refused) {
    for (std::string const text : {"a b", "abc\n", "x\r\nEvil: 1"}) {
        auto const info = failure_of(counted([=](int) { return returned(named(text, 3600s)); }));
        BOOST_TEST(info.kind == error_kind::malformed);
        BOOST_TEST(contains(refusal([&] { sts::token_source::fixed(context.get_executor(), named(text)); }),
                            "access_token"));
    }
}

BOOST_AUTO_TEST_CASE(a_lifetime_beyond_all_bounds_is_a_hundred_years) {
    auto const tokens = counted([](int) { return returned(named("abc", std::chrono::seconds::max())); });
    BOOST_TEST((*get(tokens))->expires_in.value().count() == 100LL * 365 * 24 * 3600);
}

BOOST_AUTO_TEST_CASE(a_token_without_a_lifetime_is_for_those_who_wait) {
    auto const tokens = counted([](int call) { return returned(named("t" + std::to_string(call))); });
    BOOST_TEST((*get(tokens))->access_token.reveal() == "t1");
    BOOST_TEST((*get(tokens))->access_token.reveal() == "t2");
    sts::refresh_options assumed;
    assumed.assumed_lifetime = 1h;
    auto const kept = counted([](int) { return returned(named("abc")); }, assumed);
    auto const got = *get(kept);
    BOOST_TEST(kept.peek().get() == got.get());
}

BOOST_AUTO_TEST_CASE(the_errors_of_a_function_are_told) {
    sts::error_info info;
    info.kind = error_kind::unavailable;
    info.message = "later";
    auto const known = failure_of(counted([=](int) { return thrown(sts::error(info)); }));
    BOOST_TEST(known.kind == error_kind::unavailable);
    BOOST_TEST(known.message == "later");
    auto const reset = make_error_code(boost::system::errc::connection_reset);
    auto const network = failure_of(counted([=](int) { return thrown(boost::system::system_error(reset)); }));
    BOOST_TEST(network.kind == error_kind::network);
    BOOST_TEST(network.code == reset);
    auto const foreign = failure_of(counted([](int) { return thrown(std::runtime_error("canary")); }));
    BOOST_TEST(foreign.kind == error_kind::config);
    BOOST_TEST(!contains(foreign.to_string(), "canary"));
    auto const before =
        failure_of(counted([](int) -> asio::awaitable<sts::token> { throw std::runtime_error("canary"); }));
    BOOST_TEST(before.kind == error_kind::config);
    BOOST_TEST(failure_of(counted([](int) { return returned(sts::token()); })).kind == error_kind::malformed);
}

BOOST_AUTO_TEST_CASE(the_function_is_cancelled_when_nobody_waits_any_longer) {
    bool canceled = false;
    auto const tokens = counted([&](int) { return silent(context, canceled); });
    waiting one(context, [&] { return tokens.try_get(); });
    run_until(context, [&] { return calls == 1; });
    one.cancel();
    BOOST_TEST(one.canceled());
    run_until(context, [&] { return canceled; });
}

BOOST_AUTO_TEST_CASE(a_function_that_ignores_its_cancellation_holds_nobody_up) {
    auto const deaf = [&](int call) -> asio::awaitable<sts::token> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        asio::steady_timer timer(context, call == 1 ? asio::steady_timer::time_point::max()
                                                    : asio::steady_timer::time_point::min());
        co_await timer.async_wait(asio::use_awaitable);
        co_return named("t" + std::to_string(call), 3600s);
    };
    auto const tokens = counted(deaf);
    BOOST_TEST(get(tokens, 20ms).error().kind == error_kind::timeout);
    BOOST_TEST((*get(tokens))->access_token.reveal() == "t2");
}

BOOST_AUTO_TEST_CASE(closing_ends_the_wait_and_the_function) {
    bool canceled = false;
    auto const tokens = counted([&](int) { return silent(context, canceled); });
    waiting one(context, [&] { return tokens.try_get(); });
    run_until(context, [&] { return calls == 1; });
    tokens.close();
    BOOST_TEST(one.wait().error().kind == error_kind::canceled);
    context.restart();
    context.run(); // ends: nothing is left
    BOOST_TEST(canceled);
}

BOOST_AUTO_TEST_CASE(the_context_may_end_with_a_function_in_progress) {
    bool canceled = false;
    std::optional<sts::token_source> tokens;
    {
        asio::io_context short_lived;
        tokens.emplace(short_lived.get_executor(), [&] { return silent(short_lived, canceled); });
        waiting one(short_lived, [&] { return tokens->try_get(); });
        short_lived.poll();
        BOOST_TEST(tokens->stats().waiting == 1U);
    }
    BOOST_TEST(!canceled);
    BOOST_TEST(tokens->stats().waiting == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
