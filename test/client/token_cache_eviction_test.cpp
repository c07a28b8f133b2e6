// Keys that leave a token cache: evicted, where there are as many as allowed, or erased.
#include "client/cached_service.hpp"
#include "support/refused.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

/// As soon as an exchange has succeeded: this polls, and so is there before what that has posted. The caller
/// for whom it was leaves.
asio::awaitable<token_outcome> erase_and_get(sts::token_cache cache, sts::client client,
                                             sts::exchange_request request,
                                             asio::cancellation_signal& leave) {
    auto const name = cache.key_of(request);
    while (client.stats().succeeded == 0)
        co_await asio::post(asio::use_awaitable);
    leave.emit(asio::cancellation_type::terminal);
    cache.erase(name);
    auto got = co_await cache.try_get(std::move(request));
    co_return got;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_cache, cached)

BOOST_AUTO_TEST_CASE(J10_the_oldest_key_that_was_not_used_goes_first) {
    sts::cache_options options;
    options.max_keys = 3;
    auto const tokens = cache(options);
    for (auto const* const scope : {"a", "b", "c", "a", "d"})
        token_of(tokens, scope);
    BOOST_TEST(tokens.stats().keys == 3U);
    BOOST_TEST(tokens.stats().evicted == 1U);
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(!has(tokens, "b"));
    BOOST_TEST(has(tokens, "c"));
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("c"))) != nullptr); // which is a use, too
    token_of(tokens, "e");
    BOOST_TEST(!has(tokens, "d")); // for which nobody has asked again
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(has(tokens, "c"));
    BOOST_TEST(mock.requests() == 5U);
}

BOOST_AUTO_TEST_CASE(J10_a_key_whose_token_has_expired_goes_before_one_that_is_older) {
    sts::cache_options options;
    options.max_keys = 3;
    options.refresh.max_lifetime = 1h;
    auto const tokens = cache(options);
    token_of(tokens, "a");
    mock.next(canned(0)); // serves who waits, and is not kept
    token_of(tokens, "b");
    token_of(tokens, "c");
    token_of(tokens, "d");
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(!has(tokens, "b"));
    BOOST_TEST(has(tokens, "c"));
}

BOOST_AUTO_TEST_CASE(J10_a_key_whose_token_was_given_up_goes_before_one_that_is_older) {
    sts::cache_options options;
    options.max_keys = 3;
    auto const tokens = cache(options);
    token_of(tokens, "a");
    auto const rejected = token_of(tokens, "b");
    token_of(tokens, "c");
    tokens.invalidate(tokens.key_of(scoped("b")), *rejected);
    token_of(tokens, "d");
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(!has(tokens, "b"));
}

BOOST_AUTO_TEST_CASE(J10_where_each_key_is_waited_for_another_is_refused) {
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_keys = 2;
    auto const tokens = cache(options);
    waiting first(context, wanting(tokens, "a")), second(context, wanting(tokens, "b"));
    run_until(context, [&] { return mock.requests() == 2; });
    auto const refused = get(tokens, "c");
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().kind == error_kind::limit);
    BOOST_TEST(contains(refused.error().message, "max_keys"));
    BOOST_TEST(tokens.stats().keys == 2U);
    BOOST_TEST(tokens.stats().evicted == 0U);
    waiting known(context, wanting(tokens, "a")); // a key that is there is no other
    mock.release();
    BOOST_TEST(first.wait().has_value());
    BOOST_TEST(second.wait().has_value());
    BOOST_TEST(known.wait().has_value());
    BOOST_TEST(get(tokens, "c").has_value());
}

BOOST_AUTO_TEST_CASE(erase_forgets_a_key_unless_somebody_waits_for_it) {
    auto const tokens = cache();
    auto const first = token_of(tokens, "a");
    auto const name = tokens.key_of(scoped("a"));
    tokens.erase(name);
    tokens.erase(name);
    BOOST_TEST(tokens.peek(name) == nullptr);
    BOOST_TEST(!tokens.stats(name));
    BOOST_TEST(tokens.stats().keys == 0U);
    BOOST_TEST(tokens.stats().tokens.refreshed == 1U); // what was done stays counted
    mock.next(mock_answer::genuine().hold());
    waiting again(context, wanting(tokens, "a"));
    run_until(context, [&] { return mock.requests() == 2; });
    tokens.erase(name);
    BOOST_TEST(tokens.stats().keys == 1U);
    mock.release();
    auto const second = *again.wait();
    BOOST_TEST(second != first);
    BOOST_TEST(tokens.peek(name) == second);
}

BOOST_AUTO_TEST_CASE(erase_ends_what_is_under_way_in_the_background) {
    auto const tokens = cache();
    mock.next(canned(4));
    token_of(tokens, "a");
    auto const name = tokens.key_of(scoped("a"));
    mock.next(mock_answer::genuine().hold());
    while (mock.requests() != 2) { // until it is due, which is before it ends
        BOOST_REQUIRE(tokens.peek(name) != nullptr);
        context.restart();
        context.run_for(10ms);
    }
    tokens.erase(name);
    BOOST_TEST(tokens.peek(name) == nullptr);
    mock.release();
    run_until(context, [&] { return tokens.stats().tokens.in_flight == 0; });
    BOOST_TEST(tokens.peek(name) == nullptr);
    BOOST_TEST(tokens.stats().keys == 0U);
    BOOST_TEST(tokens.stats().tokens.refreshed == 1U);
}

BOOST_AUTO_TEST_CASE(erase_means_the_token_of_an_exchange_that_has_just_ended_as_well) {
    // To the cache of a client on a strand it is told by a post.
    sts::client const on_strand(asio::make_strand(context), one_attempt());
    sts::token_cache const tokens(on_strand, sts::cache_options());
    mock.next(canned(3600));
    asio::cancellation_signal leave;
    asio::co_spawn(context, tokens.try_get(scoped("a")),
                   asio::bind_cancellation_slot(leave.slot(), asio::detached));
    std::optional<token_outcome> got;
    asio::co_spawn(context, erase_and_get(tokens, on_strand, scoped("a"), leave),
                   [&](std::exception_ptr const&, token_outcome one) { got.emplace(std::move(one)); });
    run_until(context, [&] { return got.has_value(); });
    BOOST_REQUIRE(got->has_value());
    BOOST_TEST(((**got)->access_token.reveal() != "abc"));
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("a"))) == **got);
}

BOOST_AUTO_TEST_CASE(L4_a_supplier_that_goes_with_its_key_may_call_the_cache) {
    struct nosy final : sts::subject_token_supplier {
        nosy(std::string what, sts::token_cache& where) : token(std::move(what)), cache(where) {}
        ~nosy() override { cache.stats(); }
        asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
            co_return sts::subject_token(token);
        }
        std::string describe() const override { return "nosy"; }
        std::string const token;
        sts::token_cache& cache;
    };
    sts::cache_options options;
    options.max_keys = 1;
    auto tokens = cache(options);
    for (bool const by_erasing : {false, true}) {
        std::weak_ptr<nosy> gone;
        std::optional<sts::token_cache::key> name;
        {
            auto const supplier = std::make_shared<nosy>(workload, tokens);
            gone = supplier;
            auto const asking = sts::exchange_request(supplier).scope(sts::scope("a"));
            name = tokens.key_of(asking);
            waiting one(context, [&] { return tokens.try_get(asking); });
            BOOST_TEST(one.wait().has_value());
            run_until(context, [&] { return tokens.stats().tokens.in_flight == 0; });
        }
        context.poll();
        BOOST_TEST(!gone.expired());
        if (by_erasing)
            tokens.erase(*name);
        else
            token_of(tokens, "another");
        BOOST_TEST(gone.expired());
    }
}

BOOST_AUTO_TEST_SUITE_END()
