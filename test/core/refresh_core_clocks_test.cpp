// Two clocks of which one is set, or stands still while the machine sleeps.
#include "core/refresh_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using fixture = test::refresh_core_fixture;

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

BOOST_AUTO_TEST_CASE(J8_a_wall_clock_set_forward_costs_one_refresh) {
    receive(3600s);
    now.system += 24h;
    BOOST_TEST(asks(verdict::fly));
    receive(3600s);
    int refreshes = 0;
    for (auto const end = now.steady + 2800s; now.steady < end; pass(10s))
        if (!asks(verdict::serve)) ++refreshes;
    BOOST_TEST(refreshes == 0);
}

BOOST_AUTO_TEST_CASE(J8_a_wall_clock_set_back_makes_no_token_live_longer) {
    receive(3600s);
    now.system -= 24h;
    BOOST_TEST(asks(verdict::serve));
    pass(2880s);
    BOOST_TEST(asks(verdict::refresh));
    pass(660s);
    BOOST_TEST(asks(verdict::fly));
}

BOOST_AUTO_TEST_CASE(J8_a_token_fetched_before_the_clock_is_set_back_is_replaced_for_good) {
    receive(3600s);
    now.system -= 24h;
    pass(2880s);
    receive(3600s); // improved on the steady clock, though not on the other
    BOOST_TEST(asks(verdict::serve));
    pass(2880s - 1ns);
    BOOST_TEST(asks(verdict::serve));
    pass(1ns);
    BOOST_TEST(asks(verdict::refresh));
}

BOOST_AUTO_TEST_CASE(J8_after_a_suspend_an_expired_token_is_not_served) {
    receive(3600s);
    now.system += 2h; // the steady clock has stood still
    BOOST_TEST(!state.holds(now));
    BOOST_TEST(asks(verdict::fly));
    BOOST_TEST((ask(true) == verdict::wait));
    receive(3600s);
    BOOST_TEST(asks(verdict::serve));
}

BOOST_AUTO_TEST_CASE(J8_a_suspend_into_the_time_of_refresh_costs_one_in_the_background) {
    receive(3600s);
    now.system += 3000s;
    BOOST_TEST(asks(verdict::refresh));
    receive(3600s); // no better by the steady clock
    pass(2880s - 1ns);
    BOOST_TEST(asks(verdict::serve));
    pass(1ns);
    BOOST_TEST(asks(verdict::refresh));
}

BOOST_AUTO_TEST_CASE(J8_neither_clock_alone_shortens_the_wait_after_a_failure) {
    receive(3600s);
    pass(2880s);
    fail(failure::passing, most);
    now.system += 500ms;
    BOOST_TEST(asks(verdict::serve));
    now.system += 60s; // due by this clock, and yet inside the wait
    BOOST_TEST(asks(verdict::serve));
    now.steady += 1s;
    BOOST_TEST(asks(verdict::refresh));
}

BOOST_AUTO_TEST_SUITE_END()
