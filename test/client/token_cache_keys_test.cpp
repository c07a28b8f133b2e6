// The keys of a token cache: what keeps requests apart, and many keys at once.
#include "client/cached_service.hpp"

#include <boost/asio/detached.hpp>
#include <boost/json/parse.hpp>

#include <cstdint>
#include <set>
#include <vector>

using namespace test;
using sts::testing::id_token_claims;
using sts::testing::mock_answer;

namespace {

struct tally {
    int left = 0, tokens = 0, wrong = 0;
};

asio::awaitable<void> take(sts::token_cache cache, sts::exchange_request request, tally& all) {
    auto const got = co_await cache.try_get(std::move(request));
    ++(got.has_value() ? all.tokens : all.wrong);
    --all.left;
}

/// Whether the claims of the token are those that were asked for.
asio::awaitable<void> take_and_check(sts::token_cache cache, sts::exchange_request request,
                                     std::string subject, sts::testing::mock_sts const& mock, tally& all) {
    auto const scope = request.scope()->value();
    auto const got = co_await cache.try_get(std::move(request));
    --all.left;
    ++all.wrong;
    if (got.has_error()) co_return;
    auto const claims = mock.claims((*got)->access_token.reveal());
    if (!claims) co_return;
    auto const read = boost::json::parse(*claims);
    if (read.at("scope").as_string() != scope || read.at("sub").as_string() != subject) co_return;
    --all.wrong;
    ++all.tokens;
}

/// Keys one after the other, from a number that several of these share.
asio::awaitable<void> fill(sts::token_cache cache, sts::exchange_request base, int& next, int last,
                           tally& all) {
    while (next < last) {
        auto request = base;
        request.scope(sts::scope("s" + std::to_string(next++)));
        auto const got = co_await cache.try_get(std::move(request));
        ++(got.has_value() ? all.tokens : all.wrong);
    }
    --all.left;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_cache, cached)

BOOST_AUTO_TEST_CASE(J10_scopes_and_subjects_are_never_mixed) {
    auto const tokens = cache();
    tally all;
    for (int i = 0; i < 50; ++i) {
        auto const subject = "user-" + std::to_string(i / 5);
        auto const request =
            sts::exchange_request(sts::subject_token(mock.id_token(id_token_claims().subject(subject))))
                .scope(sts::scope("roleassignments:" + std::to_string(i % 5)));
        for (int caller = 0; caller < 20; ++caller) {
            ++all.left;
            asio::co_spawn(context, take_and_check(tokens, request, subject, mock, all), asio::detached);
        }
    }
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == 1000);
    BOOST_TEST(all.wrong == 0);
    BOOST_TEST(mock.requests() == 50U);
    BOOST_TEST(tokens.stats().keys == 50U);
}

BOOST_AUTO_TEST_CASE(J10_everything_else_that_is_sent_keeps_requests_apart) {
    auto const tokens = cache();
    std::vector<sts::exchange_request> const all = {
        scoped("a"),
        scoped("a").audience("x"),
        scoped("a").resource("https://x/"),
        scoped("a").audience("x").resource("https://x/"),
        scoped("a").actor(sts::subject_token(workload)),
        sts::exchange_request::client_credentials()
            .scope(sts::scope("a"))
            .authentication(
                sts::client_authentication::secret_post("mock-client", sts::secret("mock-secret"))),
    };
    std::set<token_ptr> got;
    for (auto const& request : all) {
        waiting one(context, [&] { return tokens.try_get(request); });
        auto const& outcome = one.wait();
        BOOST_REQUIRE_MESSAGE(outcome.has_value(), outcome.error().to_string());
        got.insert(*outcome);
    }
    BOOST_TEST(got.size() == all.size());
    BOOST_TEST(mock.requests() == all.size());
}

BOOST_AUTO_TEST_CASE(J10_suppliers_are_told_apart_by_what_they_are) {
    struct constant final : sts::subject_token_supplier {
        explicit constant(std::string what) : token(std::move(what)) {}
        asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
            co_return sts::subject_token(token);
        }
        std::string describe() const override { return "constant"; }
        std::string const token;
    };
    auto const tokens = cache();
    auto const one = std::make_shared<constant>(workload), other = std::make_shared<constant>(workload);
    auto const token_by = [&](std::shared_ptr<constant> const& whom) {
        waiting wait(context,
                     [&] { return tokens.try_get(sts::exchange_request(whom).scope(sts::scope("a"))); });
        return *wait.wait();
    };
    auto const first = token_by(one);
    BOOST_TEST(token_by(one) == first);
    BOOST_TEST(token_by(other) != first);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(J5_a_refusal_is_remembered_for_its_key_alone) {
    mock.next(mock_answer::error(403, "access_denied"));
    auto const tokens = cache();
    for (int i = 0; i < 20; ++i) {
        auto const refused = get(tokens, "bad");
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST(refused.error().oauth_error == "access_denied");
    }
    BOOST_TEST(get(tokens, "good").has_value());
    BOOST_TEST(mock.requests() == 2U);
    BOOST_TEST(tokens.stats(tokens.key_of(scoped("bad")))->refused == 19U);
}

BOOST_AUTO_TEST_CASE(J9_a_token_is_given_up_for_its_key_alone) {
    auto const tokens = cache();
    auto const a = token_of(tokens, "a"), b = token_of(tokens, "b");
    auto const name_a = tokens.key_of(scoped("a")), name_b = tokens.key_of(scoped("b"));
    tokens.invalidate(name_b, *a); // is not b's
    tokens.invalidate(tokens.key_of(scoped("unknown")), *a);
    BOOST_TEST(tokens.peek(name_a) == a);
    BOOST_TEST(tokens.peek(name_b) == b);
    for (int i = 0; i < 1000; ++i)
        tokens.invalidate(name_a, *a);
    BOOST_TEST(tokens.peek(name_a) == nullptr);
    BOOST_TEST(tokens.peek(name_b) == b);
    BOOST_TEST(token_of(tokens, "a") != a);
    BOOST_TEST(mock.requests() == 3U);
    BOOST_TEST(tokens.stats().tokens.invalidated == 1U);
}

BOOST_AUTO_TEST_CASE(J1_J10_ten_thousand_callers_of_a_thousand_keys_cost_a_request_each_key) {
    mock.always(canned(3600));
    auto const tokens = cache();
    tally all;
    all.left = 10'000;
    for (int i = 0; i < 10'000; ++i)
        asio::co_spawn(context, take(tokens, scoped("s" + std::to_string(i % 1000)), all), asio::detached);
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == 10'000);
    BOOST_TEST(mock.requests() == 1000U);
    auto const stats = tokens.stats();
    BOOST_TEST(stats.keys == 1000U);
    BOOST_TEST(stats.evicted == 0U);
    BOOST_TEST(stats.tokens.fetches == 1000U);
}

BOOST_AUTO_TEST_CASE(J10_any_number_of_keys_leaves_a_bounded_cache) {
    auto const* const wanted = std::getenv("EQUINIX_STS_KEYS"); // NOLINT(concurrency-mt-unsafe)
    int const count = wanted != nullptr ? std::atoi(wanted) : 20'000;
    mock.always(canned(3600));
    auto const tokens = cache();
    tally all;
    int next = 0;
    all.left = 64;
    for (int i = 0; i < 64; ++i)
        asio::co_spawn(context, fill(tokens, scoped("s"), next, count, all), asio::detached);
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == count);
    auto const stats = tokens.stats();
    BOOST_TEST(stats.keys == 1024U);
    BOOST_TEST(stats.evicted == static_cast<std::uint64_t>(count) - 1024U);
    BOOST_TEST(stats.tokens.refreshed == static_cast<std::uint64_t>(count));
}

BOOST_AUTO_TEST_CASE(a_table_that_grows_loses_no_key) {
    mock.always(canned(3600));
    sts::cache_options options;
    options.max_keys = 100'000;
    auto const tokens = cache(options);
    tally all;
    int next = 0;
    all.left = 64;
    for (int i = 0; i < 64; ++i)
        asio::co_spawn(context, fill(tokens, scoped("s"), next, 5000, all), asio::detached);
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == 5000);
    int lost = 0;
    for (int i = 0; i < 5000; ++i)
        if (!tokens.peek(tokens.key_of(scoped("s" + std::to_string(i))))) ++lost;
    BOOST_TEST(lost == 0);
    BOOST_TEST(tokens.stats().keys == 5000U);
}

BOOST_AUTO_TEST_SUITE_END()
