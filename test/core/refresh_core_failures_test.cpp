// Failures while a token holds.
#include "core/refresh_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace std::chrono_literals;
using fixture = test::refresh_core_fixture;

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

BOOST_AUTO_TEST_CASE(J6_failures_double_the_wait_up_to_a_minute) {
    receive(24h);
    at(69'120s);
    nanoseconds expected = 1s;
    for (int i = 0; i < 12; ++i) {
        auto slow = state;
        slow.failed(failure::passing, now, most);
        auto quick = state;
        quick.failed(failure::passing, now, least);
        BOOST_TEST((quick.due().steady - now.steady == expected / 2));
        BOOST_TEST((slow.due().steady - now.steady > expected - 1us));
        BOOST_TEST((slow.due().steady - now.steady <= expected));
        state = slow;
        expected = std::min<nanoseconds>(expected * 2, 60s);
        pass(60s);
    }
}

BOOST_AUTO_TEST_CASE(J6_the_wait_is_a_quarter_of_what_is_left_at_most) {
    receive(100s); // served for 90 s
    at(50s);
    for (int i = 0; i < 5; ++i)
        fail(failure::passing, most);
    BOOST_TEST((state.due().steady - now.steady <= 10s));
    at(88s);
    fail(failure::passing, most);
    BOOST_TEST((state.due().steady - now.steady <= 500ms));
    at(90s - 100ms);
    fail(failure::passing, least);
    BOOST_TEST((state.due().steady - now.steady == 200ms)); // and not less
}

BOOST_AUTO_TEST_CASE(J6_J7_a_dead_service_is_asked_rarely_and_no_token_outlives_its_end) {
    receive(3600s);
    int asked = 0;
    for (; now.steady < start.steady + 3540s; pass(100ms)) {
        auto const said = ask();
        BOOST_REQUIRE((said == verdict::serve || said == verdict::refresh)); // no caller sees the failure
        if (said != verdict::refresh) continue;
        ++asked;
        fail(failure::passing, most / 2);
    }
    BOOST_TEST(asked > 10); // it goes on to the end
    BOOST_TEST(asked < 60); // of 6,600 looks
    BOOST_TEST(!state.holds(now));
    pass(2min);
    BOOST_TEST(asks(verdict::fly));
    fail();
    BOOST_TEST(asks(verdict::refuse));
}

BOOST_AUTO_TEST_CASE(J6_a_token_ends_the_series_of_failures) {
    receive(24h);
    at(69'120s);
    for (int i = 0; i < 10; ++i)
        fail(failure::passing, most);
    receive(24h);
    BOOST_TEST(asks(verdict::serve));
    pass(69'120s);
    fail(failure::passing, most);
    BOOST_TEST((state.due().steady - now.steady <= 1s));
}

BOOST_AUTO_TEST_CASE(without_a_subject_token_it_looks_every_five_seconds) {
    receive(24h);
    at(69'120s);
    for (int i = 0; i < 10; ++i)
        fail(failure::subject, most);
    BOOST_TEST((state.due().steady - now.steady > 4900ms));
    BOOST_TEST((state.due().steady - now.steady <= 5s));
}

BOOST_AUTO_TEST_SUITE_END()
