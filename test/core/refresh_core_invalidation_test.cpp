// Tokens that another service has rejected.
#include "core/refresh_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using fixture = test::refresh_core_fixture;

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

BOOST_AUTO_TEST_CASE(J9_what_is_not_there_is_not_given_up) {
    BOOST_TEST(!state.invalidate(now));
    receive(3600s);
    BOOST_TEST(state.invalidate(now));
    BOOST_TEST(!state.invalidate(now));
    BOOST_TEST(asks(verdict::fly));
}

BOOST_AUTO_TEST_CASE(J9_young_tokens_are_given_up_ever_more_slowly) {
    receive(3600s);
    BOOST_TEST(state.invalidate(now)); // the first at once
    for (auto const wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        receive(3600s);
        BOOST_TEST(!state.invalidate(now));
        pass(wait - 1ns);
        BOOST_TEST(!state.invalidate(now));
        BOOST_TEST(asks(verdict::serve));
        pass(1ns);
        BOOST_TEST(state.invalidate(now));
    }
}

BOOST_AUTO_TEST_CASE(J9_a_token_of_ten_seconds_is_given_up_at_once) {
    for (int i = 0; i < 10; ++i) {
        receive(3600s);
        pass(10s);
        BOOST_TEST(state.invalidate(now));
    }
}

BOOST_AUTO_TEST_CASE(J9_a_token_that_was_of_use_ends_the_series_of_young_ones) {
    receive(3600s);
    state.invalidate(now);
    receive(3600s);
    pass(1h - 2min);
    BOOST_TEST(state.invalidate(now));
    receive(3600s);
    pass(1s);
    BOOST_TEST(state.invalidate(now)); // not after two
}

BOOST_AUTO_TEST_CASE(J9_an_invalidation_ends_the_wait_after_a_failure) {
    receive(3600s);
    at(2880s);
    fail(failure::permanent);
    BOOST_TEST(state.invalidate(now));
    BOOST_TEST(asks(verdict::fly));
    fail();
    BOOST_TEST(asks(verdict::refuse)); // which has its own
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_is_not_served) {
    receive(3600s);
    state.forget();
    BOOST_TEST(asks(verdict::fly));
    BOOST_TEST(!state.holds(now));
}

BOOST_AUTO_TEST_SUITE_END()
