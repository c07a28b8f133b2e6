// Tokens of a source that another service rejects, in simulated time.
#include "simulated/simulation.hpp"

#include <chrono>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(refresh)

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

BOOST_AUTO_TEST_SUITE_END()
