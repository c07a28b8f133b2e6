// Token caches under attack: more keys than places on many threads, and suppliers that call the cache.
#include "client/token_storm.hpp"
#include "support/descriptors.hpp"
#include "support/token_source.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <deque>
#include <random>
#include <vector>

using namespace test;
using sts::error_kind;

namespace {

struct many_keys {
    std::vector<sts::exchange_request> requests;
    std::vector<sts::token_cache::key> keys;
    sts::testing::mock_sts const& mock;
};

asio::awaitable<void> hammer_keys(sts::token_cache tokens, many_keys const& of, unsigned seed,
                                  std::atomic<bool> const& enough, std::atomic<int>& wrong) {
    std::minstd_rand random(seed + 1);
    while (!enough) {
        auto const at = random() % of.keys.size();
        auto const& key = of.keys[at];
        auto const got = co_await tokens.try_get(key, of.requests[at]);
        if (got.has_error()) {
            if (got.error().kind != error_kind::limit) ++wrong;
        } else if (random() % 16 == 0) {
            auto const claims = of.mock.claims((*got)->access_token.reveal());
            auto const scope = "roleassignments:" + std::to_string(at);
            if (!claims || boost::json::parse(*claims).at("scope").as_string() != scope) ++wrong;
            tokens.invalidate(key, **got);
        }
        auto const seen = tokens.peek(of.keys[random() % of.keys.size()]);
        if (random() % 16 == 0) tokens.erase(of.keys[random() % of.keys.size()]);
        if (random() % 64 == 0 && tokens.stats().keys > 20) ++wrong;
        auto const executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_storm, service)

BOOST_AUTO_TEST_CASE(J10_fifty_keys_in_a_cache_of_twenty_from_four_threads) {
    running_context home(2);
    sts::client const used(home.context.get_executor(), one_attempt());
    sts::cache_options options;
    options.max_keys = 20;
    options.max_in_flight = 4;
    options.refresh = short_lives();
    sts::token_cache const tokens(used, options);
    many_keys of{{}, {}, mock};
    for (int i = 0; i < 50; ++i) {
        of.requests.push_back(sts::exchange_request(sts::subject_token(mock.id_token()))
                                  .scope(sts::scope("roleassignments:" + std::to_string(i))));
        of.keys.push_back(tokens.key_of(of.requests.back()));
    }
    std::atomic<bool> enough = false;
    std::atomic<int> wrong = 0;
    {
        std::deque<running_context> abroad;
        for (unsigned i = 0; i < 4; ++i) {
            abroad.emplace_back(1);
            for (unsigned n = 0; n < 8; ++n)
                asio::co_spawn(abroad.back().context, hammer_keys(tokens, of, i * 8 + n, enough, wrong),
                               asio::detached);
        }
        BOOST_TEST(eventually([&] { return tokens.stats().tokens.refreshed >= 500; }));
        enough = true;
    }
    BOOST_TEST(wrong == 0);
    BOOST_TEST(eventually([&] { return tokens.stats().tokens.in_flight == 0; }));
    auto const stats = tokens.stats();
    BOOST_TEST(stats.tokens.waiting == 0U);
    BOOST_TEST(stats.keys <= 20U);
    BOOST_TEST(stats.evicted > 0U);
    tokens.close();
    used.close();
    home.end();
}

BOOST_AUTO_TEST_CASE(a_supplier_that_goes_with_its_key_may_call_the_cache) {
    sts::cache_options options;
    options.max_keys = 1;
    sts::token_cache const tokens(client(), options);
    int called = 0;
    auto const will = [&] {
        BOOST_TEST(tokens.stats().keys <= 1U);
        ++called;
    };
    auto const use = [&] {
        sts::exchange_request const request =
            sts::exchange_request(std::make_shared<last_will>(mock.id_token(), will))
                .scope(sts::scope("a:1"));
        waiting one(context, [&] { return tokens.try_get(request); });
        BOOST_TEST(one.wait().has_value());
        return tokens.key_of(request);
    };
    use();
    context.restart();
    context.poll();
    BOOST_TEST(called == 0);
    auto const key = use();
    context.restart();
    context.poll();
    BOOST_TEST(called == 1);
    tokens.erase(key);
    BOOST_TEST(called == 2);
    tokens.close();
}

BOOST_AUTO_TEST_SUITE_END()
