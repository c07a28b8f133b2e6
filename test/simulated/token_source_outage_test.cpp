// A token source whose service fails for a while, in simulated time.
#include "simulated/simulation.hpp"
#include "testing/certificates.hpp"

#include <optional>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

BOOST_AUTO_TEST_SUITE(refresh)

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

BOOST_AUTO_TEST_SUITE_END()
