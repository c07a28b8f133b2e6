// Refreshing over minutes and hours, in simulated time.
#include "simulated/simulation.hpp"
#include "testing/certificates.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>

using namespace test;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

sts::testing::mock_options lifetime_of(std::chrono::seconds lifetime) {
    sts::testing::mock_options setup;
    setup.lifetime = lifetime;
    return setup;
}

template <int Seconds>
struct living_for : simulation {
    living_for() : simulation(lifetime_of(std::chrono::seconds(Seconds))) {}
};

/// Takes the token every 100 ms.
asio::awaitable<void> read(sts::token_source tokens, nanoseconds first, int times, std::size_t& reads) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    auto when = std::chrono::steady_clock::now() + first;
    for (int i = 0; i < times; ++i) {
        timer.expires_at(when);
        co_await timer.async_wait(asio::use_awaitable);
        auto const got = co_await tokens.get();
        BOOST_REQUIRE(got != nullptr);
        ++reads;
        when += 100ms;
    }
}

/// An answer with a token for so long.
mock_answer token_for(std::chrono::seconds lifetime) {
    return mock_answer::with(200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
                                  R"("urn:ietf:params:oauth:token-type:access_token","expires_in":)" +
                                      std::to_string(lifetime.count()) + "}");
}

/// Always the same subject token; hangs when told to.
struct hesitant_supplier final : sts::subject_token_supplier {
    explicit hesitant_supplier(std::string text) : token(std::move(text)) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
        asio::steady_timer timer(context.executor(), std::chrono::hours(1));
        if (!hangs) co_return sts::subject_token(token);
        co_await timer.async_wait(asio::use_awaitable);
        co_return sts::subject_token(token);
    }
    std::string describe() const override { return "a test"; }

    std::string const token;
    bool hangs = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(refresh)

// A token of 2 s is due between 0.8 and 1.0 s after its request, at random, and each look at the time is up
// to 10 ms apart: in 60 s the first request and between 60/1.01 = 59 and 60/0.8 = 75 more.
BOOST_FIXTURE_TEST_CASE(S7_a_thousand_readers_never_wait_for_a_token_that_is_refreshed, living_for<2>) {
    watch();
    BOOST_REQUIRE(get_now().has_value());
    std::size_t reads = 0;
    for (int i = 0; i < 1000; ++i)
        asio::co_spawn(context, read(*tokens, i * 100us, 600, reads), asio::detached);
    run_for(60s, 10ms, [&] { BOOST_REQUIRE(tokens->peek() != nullptr); });
    run_for(100ms, 10ms);
    BOOST_TEST(reads == 600'000U);
    BOOST_TEST(mock.requests() >= 60U);
    BOOST_TEST(mock.requests() <= 76U);
    BOOST_TEST(tokens->stats().misses == 1U);
    BOOST_TEST(tokens->stats().failed == 0U);
}

BOOST_FIXTURE_TEST_CASE(J6_an_outage_within_a_tokens_life_is_not_felt, living_for<60>) {
    watch();
    BOOST_REQUIRE(get_now().has_value());
    auto const served = [&] { BOOST_REQUIRE(get_now().has_value()); };
    run_for(23s, 100ms, served); // it is due between 24 and 30 s
    BOOST_TEST(mock.requests() == 1U);
    mock.always(mock_answer::error(503, ""));
    run_for(20s, 100ms, served);
    // At the pace of 1, 2, 4... s, each shortened to its half at most.
    BOOST_TEST(mock.requests() >= 3U);
    BOOST_TEST(mock.requests() <= 10U);
    mock.always(std::nullopt);
    run_for(60s, 100ms, served);
    BOOST_TEST(tokens->stats().misses == 1U);
    BOOST_TEST(tokens->stats().refreshed >= 3U);
}

BOOST_FIXTURE_TEST_CASE(J7_an_outage_beyond_a_tokens_life_is_told_to_everybody_at_once, living_for<60>) {
    watch();
    BOOST_REQUIRE(get_now().has_value());
    mock.always(mock_answer::error(503, ""));
    // Six seconds of the sixty are margin.
    run_for(53'900ms, 100ms, [&] { BOOST_REQUIRE(get_now().has_value()); });
    // From 30 s on, when half of the life is left, by the time that is left.
    BOOST_TEST(mock.requests() <= 30U);
    run_for(200ms, 100ms);
    BOOST_TEST(tokens->peek() == nullptr);
    auto const before = mock.requests();
    run_for(60s, 10ms, [&] {
        auto const ended = get_now();
        BOOST_REQUIRE(ended.has_error());
        BOOST_REQUIRE(ended.error().kind == error_kind::unavailable);
        BOOST_REQUIRE(ended.error().http_status == 503U);
    });
    // One within 150 to 250 ms of the one before.
    BOOST_TEST(mock.requests() - before >= 60'000U / 260);
    BOOST_TEST(mock.requests() - before <= 60'000U / 150 + 1);
    BOOST_TEST(tokens->stats().refused > 5'000U);
    mock.always(std::nullopt);
    run_for(250ms, 250ms);
    BOOST_TEST(get_now().has_value());
}

BOOST_AUTO_TEST_CASE(J7_a_service_that_is_gone_and_comes_back) {
    auto const identity = sts::testing::make_server_identity({"localhost", "127.0.0.1"});
    auto setup = lifetime_of(60s);
    setup.certificate_pem = identity.certificate_pem;
    setup.key_pem = identity.key_pem;
    simulation here;
    std::optional<sts::testing::mock_sts> there;
    there.emplace(setup);
    setup.port = there->port();
    auto options = here.one_attempt();
    options.endpoint = sts::endpoint(there->url());
    options.tls.ca_pem = identity.ca_pem;
    here.used = here.client(options);
    here.watch(here.source(here.used, here.credentials()));
    BOOST_REQUIRE(here.get_now().has_value());
    there.reset();
    here.run_for(53'900ms, 100ms, [&] { BOOST_REQUIRE(here.get_now().has_value()); });
    here.run_for(200ms, 100ms);
    here.run_for(10s, 50ms, [&] {
        auto const ended = here.get_now();
        BOOST_REQUIRE(ended.has_error());
        BOOST_REQUIRE(ended.error().kind == error_kind::connect);
        BOOST_REQUIRE(!ended.error().request_sent);
    });
    there.emplace(setup);
    here.run_for(250ms, 250ms);
    BOOST_TEST(here.get_now().has_value());
    BOOST_TEST(there->requests() == 1U);
    here.used.close(); // before its peer goes
    here.settle();
}

// The token, each time it is served, against the time that really went by since it was first seen: it was
// made then, as time stands still during an exchange.
BOOST_FIXTURE_TEST_CASE(J8_no_order_of_clock_jumps_and_sleep_has_an_expired_token_served_or_a_storm,
                        living_for<60>) {
    enum event : unsigned char { forward, back, right, sleep };
    std::vector<event> order = {forward, back, right, sleep};
    watch();
    std::map<std::string, nanoseconds> born;
    auto const look = [&] {
        auto const got = get_now();
        BOOST_REQUIRE(got.has_value());
        auto const now = simulated::elapsed();
        auto const [known, fresh] = born.emplace((*got)->access_token.reveal(), now);
        BOOST_REQUIRE((now - known->second < 60s));
    };
    look();
    do {
        for (auto const what : order) {
            auto const before = mock.requests();
            if (what == sleep)
                simulated::suspend(24h);
            else
                simulated::shift_wall_clock(what == forward ? 24h : what == back ? -24h : 0h);
            look();
            BOOST_REQUIRE(mock.requests() - before <= 1U);
            run_for(90s, 500ms, look);
            // Each is due 24 s after the one before or later: 3 in 90 s, and one for the jump.
            BOOST_REQUIRE(mock.requests() - before <= 4U);
        }
    } while (std::next_permutation(order.begin(), order.end()));
    simulated::shift_wall_clock(0h);
    BOOST_TEST(tokens->stats().failed == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_token_that_nobody_uses_lapses_and_its_timer_goes, living_for<600>) {
    watch();
    BOOST_REQUIRE(get_now().has_value());
    run_for(5h, 1s);
    // The first was used; the one that replaced it was not.
    BOOST_TEST(mock.requests() == 2U);
    BOOST_TEST(tokens->stats().refreshed == 2U);
    BOOST_TEST(tokens->peek() == nullptr);
    context.restart();
    context.poll();
    BOOST_TEST(context.stopped()); // no work is left, though neither is closed
    BOOST_TEST(get_now().has_value());
    tokens->close();
    used.close();
    settle();
    BOOST_TEST(context.stopped());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_for_good_is_asked_again_after_10_20_40_and_60_s, simulation) {
    watch();
    mock.always(mock_answer::error(400, "invalid_scope"));
    std::vector<std::chrono::seconds> asked;
    std::size_t seen = 0;
    auto const start = simulated::elapsed();
    auto const look = [&] {
        BOOST_REQUIRE(get_now().has_error());
        BOOST_REQUIRE(mock.requests() - seen <= 1U);
        if (mock.requests() == seen) return;
        ++seen;
        asked.push_back(std::chrono::floor<std::chrono::seconds>(simulated::elapsed() - start));
    };
    look();
    run_for(255s, 100ms, look);
    std::vector<std::chrono::seconds> const due = {0s, 10s, 30s, 70s, 130s, 190s, 250s};
    BOOST_TEST((asked == due));
}

BOOST_FIXTURE_TEST_CASE(an_abandoned_look_for_another_subject_token_does_not_pass_for_an_exchange,
                        simulation) {
    auto const supplier = std::make_shared<hesitant_supplier>(mock.id_token());
    watch(source(used, sts::exchange_request(supplier).scope(sts::scope::role_assignments("1"))));
    mock.always(mock_answer::error(403, "access_denied"));
    BOOST_TEST(get_now().has_error());
    run_for(2s, 1s);
    supplier->hangs = true;
    waiting one(context, [&] { return tokens->try_get(); });
    context.restart();
    context.poll();
    BOOST_TEST(tokens->stats().in_flight == 1U);
    one.cancel();
    settle();
    BOOST_TEST(one.canceled());
    BOOST_TEST(mock.requests() == 1U);
    supplier->hangs = false;
    mock.always(std::nullopt);
    run_for(9s, 1s);
    BOOST_TEST(get_now().has_value());
}

BOOST_FIXTURE_TEST_CASE(who_has_no_time_leaves_the_look_for_another_subject_token_to_who_has, simulation) {
    std::string subject = "first";
    auto const supplier = sts::suppliers::callback([&] { return sts::subject_token(subject); });
    watch(source(used, sts::exchange_request(supplier).scope(sts::scope::role_assignments("1"))));
    mock.always(mock_answer::error(400, "invalid_grant"));
    BOOST_TEST(get_now().has_error());
    run_for(1100ms, 100ms);
    subject = "second";
    mock.always(token_for(60s));
    waiting hasty(context, [&] { return tokens->try_get(0ns); });
    BOOST_TEST(hasty.wait().error().kind == error_kind::oauth); // what is known
    BOOST_TEST(get_now().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_by_a_service_of_the_suppliers_is_no_refusal_of_the_request, simulation) {
    int asked = 0;
    auto const supplier = sts::suppliers::callback([&]() -> sts::subject_token {
        sts::error_info refused;
        refused.kind = error_kind::oauth;
        refused.http_status = 400;
        if (++asked == 1) throw sts::error(refused);
        return sts::subject_token("abc");
    });
    watch(source(used, sts::exchange_request(supplier).scope(sts::scope::role_assignments("1"))));
    mock.always(token_for(60s));
    BOOST_TEST(get_now().error().kind == error_kind::oauth);
    run_for(250ms, 250ms); // longer than the pause after a failure that may pass
    BOOST_TEST(get_now().has_value());
}

BOOST_FIXTURE_TEST_CASE(J9_a_token_that_is_always_rejected_is_given_up_ever_more_rarely, simulation) {
    watch();
    std::vector<std::chrono::seconds> given_up;
    auto const start = simulated::elapsed();
    auto const reject = [&] {
        auto const got = get_now();
        BOOST_REQUIRE(got.has_value());
        auto const before = tokens->stats().invalidated;
        tokens->invalidate(**got);
        if (tokens->stats().invalidated == before) return;
        given_up.push_back(std::chrono::floor<std::chrono::seconds>(simulated::elapsed() - start));
    };
    reject();
    run_for(200s, 100ms, reject);
    std::vector<std::chrono::seconds> const allowed = {0s, 1s, 3s, 7s, 15s, 31s, 63s, 123s, 183s};
    BOOST_TEST((given_up == allowed));
    BOOST_TEST(mock.requests() == given_up.size() + 1);
}

BOOST_FIXTURE_TEST_CASE(J9_a_token_that_was_good_for_a_while_is_given_up_at_once, simulation) {
    watch();
    for (int i = 0; i < 5; ++i) {
        auto const got = get_now();
        BOOST_REQUIRE(got.has_value());
        run_for(11s, 1s);
        tokens->invalidate(**got);
        BOOST_TEST(tokens->stats().invalidated == i + 1U);
    }
}

BOOST_FIXTURE_TEST_CASE(a_service_that_gives_the_same_token_again_has_nobody_refused_at_its_end, simulation) {
    sts::refresh_options options;
    options.max_margin = 0s; // else each would be served a little longer than the one before
    watch(source(used, credentials(), options));
    auto const end = simulated::elapsed() + 600s;
    auto const left = [&] { return std::chrono::floor<std::chrono::seconds>(end - simulated::elapsed()); };
    mock.always(token_for(left()));
    BOOST_REQUIRE(get_now().has_value());
    run_for(595s, 100ms, [&] {
        mock.always(token_for(left()));
        BOOST_REQUIRE(get_now().has_value());
    });
    BOOST_TEST(mock.requests() >= 5U);
    BOOST_TEST(mock.requests() <= 15U); // 1, 2, 4... 60 s apart from 240 s on
    mock.always(std::nullopt);
    run_for(60s, 100ms, [&] { BOOST_REQUIRE(get_now().has_value()); });
}

BOOST_FIXTURE_TEST_CASE(a_token_that_ends_while_a_caller_comes_is_no_answer_without_one, living_for<60>) {
    watch();
    // Awaited later than it was made: the token comes in between, and ends as the caller comes.
    for (int early = 0; early < 12; ++early) {
        std::vector<asio::awaitable<token_outcome>> made;
        made.push_back(tokens->try_get());
        BOOST_REQUIRE(get_now().has_value());
        simulated::advance(54s - early * 1ms);
        std::optional<token_outcome> got;
        {
            simulated::slow_looks const slow(1ms);
            asio::co_spawn(context, std::move(made.back()),
                           [&](std::exception_ptr const& thrown, token_outcome outcome) {
                               BOOST_TEST(!thrown);
                               got.emplace(std::move(outcome));
                           });
            settle();
        }
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST((got->has_value() && **got != nullptr));
        run_for(60s, 60s); // the next round begins without a token
    }
}

BOOST_AUTO_TEST_SUITE_END()
