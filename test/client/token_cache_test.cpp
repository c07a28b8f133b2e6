// The token cache over real TLS with a service that counts requests.
#include "client/cached_service.hpp"
#include "support/refused.hpp"

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(token_cache, cached)

BOOST_AUTO_TEST_CASE(gives_the_same_token_for_the_same_request) {
    auto const tokens = cache();
    auto const first = token_of(tokens, "a b");
    BOOST_TEST(token_of(tokens, "a b") == first);
    BOOST_TEST(token_of(tokens, "b a") == first);
    auto const name = tokens.key_of(scoped("a b"));
    BOOST_TEST(tokens.peek(name) == first);
    waiting by_key(context, [&] { return tokens.try_get(name, scoped("a b")); });
    BOOST_TEST(*by_key.wait() == first);
    BOOST_TEST(mock.requests() == 1U);
    BOOST_TEST(tokens.stats().keys == 1U);
}

BOOST_AUTO_TEST_CASE(get_throws_what_try_get_tells) {
    mock.always(mock_answer::error(403, "access_denied"));
    auto const tokens = cache();
    std::exception_ptr thrown;
    bool over = false;
    asio::co_spawn(context, tokens.get(scoped("a")), [&](std::exception_ptr const& what, token_ptr const&) {
        thrown = what;
        over = true;
    });
    run_until(context, [&] { return over; });
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), sts::error, [](sts::error const& known) {
        return known.kind() == error_kind::oauth && known.info().oauth_error == "access_denied";
    });
}

BOOST_AUTO_TEST_CASE(F5_waits_at_most_as_long_as_the_caller_says) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = cache();
    auto const name = tokens.key_of(scoped("a"));
    waiting patient(context, wanting(tokens, "a"));
    for (bool const by_key : {false, true}) {
        waiting hasty(context, [&] {
            return by_key ? tokens.try_get(name, scoped("a"), 1ms) : tokens.try_get(scoped("a"), 1ms);
        });
        auto const& ended = hasty.wait();
        BOOST_REQUIRE(ended.has_error());
        BOOST_TEST(ended.error().kind == error_kind::timeout);
        BOOST_TEST(ended.error().phase == sts::phase::queue);
    }
    waiting without_wait(context, [&] { return tokens.try_get(scoped("a"), 0ns); });
    BOOST_TEST(without_wait.wait().error().kind == error_kind::timeout);
    mock.release();
    BOOST_TEST(patient.wait().has_value());
    waiting at_once(context, [&] { return tokens.try_get(scoped("a"), 0ns); });
    BOOST_TEST(at_once.wait().has_value());
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(J6_a_token_asked_for_late_in_its_life_is_refreshed_in_the_background) {
    mock.next(canned(4));
    auto const tokens = cache();
    auto const first = token_of(tokens, "a");
    auto const name = tokens.key_of(scoped("a"));
    run_until(context, [&] {
        asio::post(context, [] {}); // there is no timer: what begins it is the look
        tokens.peek(name);
        return tokens.stats().tokens.fetches == 2;
    });
    run_until(context, [&] { return tokens.stats().tokens.refreshed == 2; });
    auto const second = tokens.peek(name);
    BOOST_REQUIRE(second != nullptr);
    BOOST_TEST(second != first);
    BOOST_TEST(tokens.stats().tokens.misses == 1U);
}

BOOST_AUTO_TEST_CASE(numbers_are_kept_by_key_and_in_all) {
    auto const tokens = cache();
    token_of(tokens, "a");
    token_of(tokens, "a");
    token_of(tokens, "a");
    mock.next(mock_answer::error(403, "access_denied"));
    BOOST_TEST(get(tokens, "b").has_error());
    auto const a = tokens.stats(tokens.key_of(scoped("a")));
    BOOST_REQUIRE(a);
    BOOST_TEST(a->hits == 2U);
    BOOST_TEST(a->misses == 1U);
    BOOST_TEST(a->fetches == 1U);
    BOOST_TEST(a->refreshed == 1U);
    BOOST_TEST(a->failed == 0U);
    BOOST_TEST(a->served_until.has_value());
    BOOST_TEST(!a->last_error);
    auto const b = tokens.stats(tokens.key_of(scoped("b")));
    BOOST_REQUIRE(b);
    BOOST_TEST(b->failed == 1U);
    BOOST_TEST(!b->served_until);
    BOOST_REQUIRE(b->last_error);
    BOOST_TEST(b->last_error->oauth_error == "access_denied");
    auto const all = tokens.stats();
    BOOST_TEST(all.keys == 2U);
    BOOST_TEST(all.tokens.hits == 2U);
    BOOST_TEST(all.tokens.misses == 2U);
    BOOST_TEST(all.tokens.fetches == 2U);
    BOOST_TEST(all.tokens.refreshed == 1U);
    BOOST_TEST(all.tokens.failed == 1U);
    BOOST_TEST(all.tokens.waiting == 0U);
    BOOST_TEST(all.tokens.in_flight == 0U);
    BOOST_REQUIRE(all.tokens.last_error);
    BOOST_TEST(!tokens.stats(tokens.key_of(scoped("c"))));
}

BOOST_AUTO_TEST_CASE(an_idle_cache_has_no_timer) {
    auto const used = client(one_attempt());
    sts::token_cache const tokens(used, sts::cache_options());
    auto const held = token_of(tokens, "a");
    used.close(); // whose idle connections are work
    context.restart();
    context.run(); // returns, though there is a token that will be due
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("a"))) == held);
}

BOOST_AUTO_TEST_CASE(an_option_that_cannot_work_is_named) {
    sts::cache_options options;
    options.max_keys = 0;
    BOOST_TEST(contains(refusal([&] { cache(options); }), "cache_options::max_keys"));
    BOOST_TEST(test::refused_by([&] { cache(options); }).option == "cache_options::max_keys");
    options = {};
    options.max_in_flight = 0;
    BOOST_TEST(contains(refusal([&] { cache(options); }), "cache_options::max_in_flight"));
    BOOST_TEST(test::refused_by([&] { cache(options); }).option == "cache_options::max_in_flight");
    options = {};
    options.refresh.max_margin = -1s;
    BOOST_TEST(contains(refusal([&] { cache(options); }), "max_margin"));
}

BOOST_AUTO_TEST_SUITE_END()
