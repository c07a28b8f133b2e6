// The token source over real TLS with a service that counts requests.
#include "support/refused.hpp"
#include "support/token_source.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/detached.hpp>

#include <deque>
#include <set>

using namespace test;
using sts::error_kind;
using sts::phase;
using sts::testing::mock_answer;

namespace {

asio::awaitable<void> take_one(sts::token_source source, std::multiset<std::string>& into, int& left) {
    auto const got = co_await source.get();
    into.emplace(got->access_token.reveal());
    --left;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_source, sourced)

BOOST_AUTO_TEST_CASE(gives_the_same_token_until_it_is_due) {
    auto const tokens = source();
    auto const first = token_of(tokens);
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(token_of(tokens) == first);
    BOOST_TEST(tokens.peek() == first);
    BOOST_TEST(mock.requests() == 1U);
    auto const stats = tokens.stats();
    BOOST_TEST(stats.misses == 1U);
    BOOST_TEST(stats.hits == 101U);
    BOOST_TEST(stats.fetches == 1U);
    BOOST_TEST(stats.served_until.has_value());
}

BOOST_AUTO_TEST_CASE(peeks_at_nothing_and_begins_nothing_before_the_first_get) {
    auto const tokens = source();
    BOOST_TEST(tokens.peek() == nullptr);
    context.poll();
    BOOST_TEST(tokens.stats().fetches == 0U);
}

BOOST_AUTO_TEST_CASE(J1_ten_thousand_waiters_cost_one_request_a_hundred_times) {
    auto const shared = client(one_attempt());
    for (int round = 0; round < 100; ++round) {
        auto const tokens = source(shared, request());
        auto const before = mock.requests();
        std::multiset<std::string> got;
        int left = 10'000;
        for (int i = 0; i < 10'000; ++i)
            asio::co_spawn(context, take_one(tokens, got, left), asio::detached);
        run_until(context, [&] { return left == 0; });
        BOOST_REQUIRE(mock.requests() - before == 1U);
        BOOST_REQUIRE(got.count(*got.begin()) == 10'000U);
    }
}

BOOST_AUTO_TEST_CASE(J2_the_beginners_cancellation_is_its_own) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = source();
    auto const wait = [&] { return tokens.try_get(); };
    waiting beginner(context, wait);
    std::deque<waiting> others;
    for (int i = 0; i < 100; ++i)
        others.emplace_back(context, wait);
    run_until(context, [&] { return mock.requests() == 1; });
    beginner.cancel();
    BOOST_TEST(beginner.canceled());
    mock.release();
    std::set<token_ptr> got;
    for (auto& one : others) {
        auto const& outcome = one.wait();
        BOOST_REQUIRE(outcome.has_value());
        got.insert(*outcome);
    }
    BOOST_TEST(got.size() == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(J3_with_its_last_waiter_the_exchange_ends_and_the_next_caller_begins_anew) {
    mock.next(mock_answer::genuine().hold());
    auto const used = client(one_attempt());
    auto const tokens = source(used, request());
    std::deque<waiting> all;
    for (int i = 0; i < 10; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    for (auto& one : all)
        one.cancel();
    for (auto& one : all)
        BOOST_TEST(one.canceled());
    run_until(context, [&] { return tokens.stats().in_flight == 0; });
    BOOST_TEST(tokens.stats().waiting == 0U);
    BOOST_TEST(used.stats().leased == 0U);
    BOOST_TEST(used.stats().failed(error_kind::canceled) == 1U);
    BOOST_TEST(token_of(tokens) != nullptr);
    BOOST_TEST(mock.requests() == 2U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(J4_a_waiter_whose_time_is_over_leaves_alone) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = source();
    waiting hasty(context, [&] { return tokens.try_get(std::chrono::milliseconds(20)); });
    waiting patient(context, [&] { return tokens.try_get(); });
    auto const& ended = hasty.wait();
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::timeout);
    BOOST_TEST(!patient.done());
    mock.release();
    BOOST_TEST(patient.wait().has_value());
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(no_time_to_wait_is_answered_at_once_and_begins_nothing) {
    auto const tokens = source();
    waiting one(context, [&] { return tokens.try_get(std::chrono::nanoseconds(0)); });
    BOOST_TEST(one.wait().error().kind == error_kind::timeout);
    BOOST_TEST(tokens.stats().fetches == 0U);
    auto const held = token_of(tokens);
    waiting two(context, [&] { return tokens.try_get(std::chrono::nanoseconds(-1)); });
    BOOST_TEST(*two.wait() == held);
}

BOOST_AUTO_TEST_CASE(J5_a_failure_is_told_to_all_who_wait_and_for_a_while_to_those_who_come) {
    mock.always(mock_answer::error(503, ""));
    auto const tokens = source();
    std::deque<waiting> all;
    for (int i = 0; i < 50; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    for (auto& one : all) {
        auto const& ended = one.wait();
        BOOST_REQUIRE(ended.has_error());
        BOOST_TEST(ended.error().kind == error_kind::unavailable);
        BOOST_TEST(ended.error().http_status == 503U);
    }
    BOOST_TEST(mock.requests() == 1U);
    auto const stats = tokens.stats();
    BOOST_TEST(stats.failed == 1U);
    BOOST_REQUIRE(stats.last_error);
    BOOST_TEST(stats.last_error->http_status == 503U);
}

BOOST_AUTO_TEST_CASE(a_refusal_for_good_is_remembered) {
    mock.always(mock_answer::error(400, "invalid_scope"));
    auto const tokens = source();
    for (int i = 0; i < 20; ++i) {
        auto const info = failure_of(tokens);
        BOOST_TEST(info.kind == error_kind::oauth);
        BOOST_TEST(info.oauth_error == "invalid_scope");
    }
    BOOST_TEST(mock.requests() == 1U);
    BOOST_TEST(tokens.stats().refused == 19U);
}

BOOST_AUTO_TEST_CASE(J9_a_thousand_callers_invalidate_a_token_once) {
    auto const tokens = source();
    auto const rejected = token_of(tokens);
    for (int i = 0; i < 1000; ++i)
        tokens.invalidate(*rejected);
    BOOST_TEST(tokens.peek() == nullptr);
    std::deque<waiting> all;
    for (int i = 0; i < 1000; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    for (auto& one : all)
        BOOST_TEST(one.wait().has_value());
    BOOST_TEST(mock.requests() == 2U);
    // The one that has been replaced is nobody's any more.
    auto const current = token_of(tokens);
    tokens.invalidate(*rejected);
    BOOST_TEST(tokens.peek() == current);
    BOOST_TEST(tokens.stats().invalidated == 1U);
}

BOOST_AUTO_TEST_CASE(J9_a_fresh_token_that_is_rejected_as_well_is_not_fetched_in_a_loop) {
    auto const tokens = source();
    for (int i = 0; i < 100; ++i) {
        auto const got = token_of(tokens);
        tokens.invalidate(*got);
    }
    BOOST_TEST(tokens.stats().invalidated <= 3U); // at once, after 1 s, after 2 s more
    BOOST_TEST(tokens.stats().invalidated + tokens.stats().not_invalidated == 100U);
    BOOST_TEST(mock.requests() <= 4U);
}

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

BOOST_AUTO_TEST_CASE(G9_a_token_that_was_used_is_refreshed_off_everybodys_path) {
    mock.always(mock_answer::with(200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
                                       R"("urn:ietf:params:oauth:token-type:access_token","expires_in":2})"));
    auto const tokens = source();
    auto const first = token_of(tokens);
    // Looked at by nobody but the timer from here on.
    run_until(context, [&] { return tokens.stats().refreshed == 2; });
    auto const second = tokens.peek();
    BOOST_REQUIRE(second != nullptr);
    BOOST_TEST(second != first);
    BOOST_TEST(tokens.stats().misses == 1U);
}

BOOST_AUTO_TEST_CASE(H8_a_token_without_a_lifetime_serves_those_who_wait_and_is_not_kept) {
    mock.always(mock_answer::with(200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
                                       R"("urn:ietf:params:oauth:token-type:access_token"})"));
    auto const tokens = source();
    BOOST_TEST(token_of(tokens)->access_token.reveal() == "abc");
    BOOST_TEST(tokens.peek() == nullptr);
    BOOST_TEST(token_of(tokens)->access_token.reveal() == "abc");
    BOOST_TEST(mock.requests() == 2U);
    sts::refresh_options options;
    options.assumed_lifetime = std::chrono::minutes(10);
    auto const keeps = source(client(), request(), options);
    auto const held = token_of(keeps);
    BOOST_TEST(keeps.peek() == held);
}

BOOST_AUTO_TEST_CASE(sends_no_subject_token_that_has_expired_by_its_own_words) {
    auto const tokens =
        source(client(), request(sts::testing::id_token_claims().lifetime(std::chrono::seconds(-65))));
    auto const info = failure_of(tokens);
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(contains(info.message, "expired at 2"));
    BOOST_TEST(!info.request_sent);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(G15_a_subject_token_that_has_just_expired_by_our_clock_is_judged_by_the_service) {
    mock.next(mock_answer::with(200,
                                R"({"access_token":"abc","token_type":"Bearer","expires_in":60,)"
                                R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})"));
    auto const just_expired = sts::testing::id_token_claims().lifetime(std::chrono::seconds(-5));
    BOOST_TEST(token_of(source(client(), request(just_expired)))->access_token.reveal() == "abc");
    auto const info = failure_of(source(client(), request(just_expired)));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G15_it_is_sent_once) {
    mock.always(mock_answer::error(503, ""));
    auto const info = failure_of(
        source(client(), request(sts::testing::id_token_claims().lifetime(std::chrono::seconds(-5)))));
    BOOST_TEST(info.kind == error_kind::unavailable);
    BOOST_TEST(contains(info.message, "has expired according to the local clock"), info.message);
    BOOST_TEST(mock.requests() == 1U);
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

BOOST_AUTO_TEST_CASE(warm_up_fetches_ahead) {
    auto const tokens = source();
    bool ended = false;
    asio::co_spawn(context, tokens.warm_up(), [&](std::exception_ptr const& thrown) {
        BOOST_TEST(!thrown);
        ended = true;
    });
    run_until(context, [&] { return ended; });
    BOOST_TEST(tokens.peek() != nullptr);
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

BOOST_AUTO_TEST_CASE(works_for_client_credentials_with_either_authentication_and_targets) {
    using auth = sts::client_authentication;
    for (auto const& how : {auth::secret_post("mock-client", sts::secret("mock-secret")),
                            auth::secret_basic("mock-client", sts::secret("mock-secret"))}) {
        auto const tokens = source(client(), sts::exchange_request::client_credentials()
                                                 .scope(sts::scope("roleassignments:1"))
                                                 .resource("https://api.example.test/")
                                                 .audience("billing")
                                                 .authentication(how));
        BOOST_TEST(token_of(tokens) == token_of(tokens));
        auto const sent = mock.raw_requests().back();
        BOOST_TEST(contains(sent, "resource=https%3A%2F%2Fapi.example.test%2F"));
        BOOST_TEST(contains(sent, "audience=billing"));
    }
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(an_option_that_cannot_work_is_named) {
    auto const refusal_of = [&](auto change) {
        sts::refresh_options options;
        change(options);
        return refusal([&] { source(client(), request(), options); });
    };
    using std::chrono::seconds;
    BOOST_TEST(contains(refusal_of([](auto& o) { o.max_margin = seconds(-1); }), "max_margin"));
    BOOST_TEST(contains(refusal_of([](auto& o) { o.refresh_ahead = seconds(-1); }), "refresh_ahead"));
    BOOST_TEST(contains(refusal_of([](auto& o) { o.max_lifetime = seconds(0); }), "max_lifetime"));
    BOOST_TEST(contains(refusal_of([](auto& o) { o.assumed_lifetime = seconds(0); }), "assumed_lifetime"));
    BOOST_TEST(contains(refusal_of([](auto& o) { o.shutdown_timeout = seconds(-1); }), "shutdown_timeout"));
}

BOOST_AUTO_TEST_SUITE_END()
