// The time after a failure in which nothing is begun, while no token holds.
#include "core/refresh_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

struct fixture : test::refresh_core_fixture {
    /// How long nothing is begun from here on: found by asking.
    nanoseconds closed_for(nanoseconds bound = 2min) const {
        auto later = now;
        for (nanoseconds span = 0ns; span <= bound; span += 1ms) {
            later = {now.steady + span, now.system + span};
            auto const said = state.ask(later, false);
            if (said == verdict::fly || said == verdict::refresh) return span;
        }
        return nanoseconds::max();
    }
};

bool about(nanoseconds value, nanoseconds expected) {
    return value >= expected && value < expected + 2ms;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

BOOST_AUTO_TEST_CASE(J5_a_failure_is_remembered_for_about_200_ms) {
    fail(failure::passing, least);
    BOOST_TEST(asks(verdict::refuse));
    BOOST_TEST(about(closed_for(), 150ms));
    fail(failure::passing, most);
    BOOST_TEST(about(closed_for(), 249ms));
}

BOOST_AUTO_TEST_CASE(J5_a_refusal_for_good_is_remembered_for_10_s_doubling_to_a_minute) {
    for (auto const expected : {10s, 20s, 40s, 60s, 60s, 60s}) {
        fail(failure::permanent);
        BOOST_TEST(about(closed_for(), expected));
        pass(expected);
        BOOST_TEST(asks(verdict::fly));
    }
}

BOOST_AUTO_TEST_CASE(J5_a_failure_that_passes_ends_the_series_of_refusals) {
    fail(failure::permanent);
    fail(failure::permanent);
    fail(failure::passing);
    fail(failure::permanent);
    BOOST_TEST(about(closed_for(), 10s));
}

BOOST_AUTO_TEST_CASE(J5_a_look_for_another_subject_token_that_fails_shortens_no_refusal) {
    fail(failure::permanent);
    pass(1s);
    BOOST_TEST(state.look_again(now));
    fail(failure::subject);
    BOOST_TEST(asks(verdict::refuse));
    BOOST_TEST(about(closed_for(), 9s));
    pass(1s);
    BOOST_TEST(state.look_again(now)); // and it goes on looking
}

BOOST_AUTO_TEST_CASE(J5_failures_that_pass_do_not_lengthen_it) {
    for (int i = 0; i < 20; ++i) {
        fail(failure::passing, least);
        BOOST_TEST(about(closed_for(), 150ms));
        pass(1s);
    }
}

BOOST_AUTO_TEST_CASE(J5_while_the_retry_budget_is_used_up_it_doubles_to_2_s) {
    for (auto const expected : {200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms}) {
        auto slow = *this;
        slow.fail(failure::overload, most);
        fail(failure::overload, least);
        BOOST_TEST(about(closed_for(), std::max<nanoseconds>(expected / 2, 150ms)));
        BOOST_TEST(about(slow.closed_for(), std::max<nanoseconds>(expected - 1ms, 249ms)));
        pass(3s);
    }
    fail(failure::passing, least);
    BOOST_TEST(about(closed_for(), 150ms));
}

BOOST_AUTO_TEST_CASE(J5_those_who_come_in_the_window_wait_where_a_flight_is_under_way) {
    fail(failure::permanent);
    BOOST_TEST((ask(true) == verdict::wait));
}

BOOST_AUTO_TEST_CASE(a_refusal_for_good_looks_for_another_subject_token_once_a_second) {
    BOOST_TEST(!state.look_again(now)); // nothing was refused
    fail(failure::passing);
    pass(10s);
    BOOST_TEST(!state.look_again(now));
    fail(failure::permanent);
    BOOST_TEST(!state.look_again(now));
    pass(1s - 1ns);
    BOOST_TEST(!state.look_again(now));
    pass(1ns);
    BOOST_TEST(asks(verdict::refuse));
    BOOST_TEST(state.look_again(now));
    BOOST_TEST(!state.look_again(now)); // it was the one
    pass(1s);
    BOOST_TEST(state.look_again(now));
    receive(3600s);
    pass(1h);
    BOOST_TEST(!state.look_again(now));
}

BOOST_AUTO_TEST_SUITE_END()
