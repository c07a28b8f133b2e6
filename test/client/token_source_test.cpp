// The token source over real TLS with a service that counts requests.
#include "support/refused.hpp"
#include "support/token_source.hpp"

#include <deque>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;

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

BOOST_FIXTURE_TEST_SUITE(token_source_field, sourced)

BOOST_AUTO_TEST_CASE(a_source_trusts_whom_its_client_trusts) {
    auto strict = one_attempt();
    strict.tls.ca_pem.clear();
    BOOST_TEST(failure_of(source(client(strict), request())).kind == error_kind::tls);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
