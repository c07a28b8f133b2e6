// Callers that leave, and flights that nobody waits for.
#include "core/token_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using fixture = test::token_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(token_fsm, fixture)

BOOST_AUTO_TEST_CASE(J5_the_last_caller_that_leaves_abandons_the_flight) {
    fly();
    BOOST_TEST(leave(true).flight == action::none);
    BOOST_TEST(leave().flight == action::abandon);
    BOOST_TEST(one.is() == state::resting);
    BOOST_TEST(one.flights() == 1U);
    BOOST_TEST(!one.is_idle());
    BOOST_TEST(land(false, false).landed == landing::ignored);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(a_flight_that_waits_for_its_turn_is_forgone) {
    ask();
    BOOST_TEST(leave().flight == action::forgo);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(a_flight_goes_on_while_a_valid_token_stands_in) {
    hold();
    pass(50min);
    tell(type::tended);
    tell(type::begun);
    BOOST_TEST(leave().flight == action::none);
    BOOST_TEST(one.is() == state::flying);
}

BOOST_AUTO_TEST_CASE(the_token_of_an_abandoned_flight_is_kept_where_there_is_none) {
    fly();
    leave();
    BOOST_TEST(land(true, false).landed == landing::received);
    fly();
    leave();
    ask();
    tell(type::begun);
    land(true);
    receive();
    BOOST_TEST(land(true, false).landed == landing::ignored); // a newer one is held
}

BOOST_AUTO_TEST_CASE(another_flight_may_begin_beside_an_abandoned_one) {
    fly();
    leave();
    BOOST_TEST(ask().flight == action::want);
    tell(type::begun);
    BOOST_TEST(one.flights() == 2U);
    BOOST_TEST(one.abandoned() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
