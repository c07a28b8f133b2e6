// A token that is erased, evicted or bound to an old certificate, and the end of the desk.
#include "core/token_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using fixture = test::token_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(token_fsm, fixture)

BOOST_AUTO_TEST_CASE(an_erased_token_is_served_to_nobody) {
    hold();
    tell(type::erased);
    BOOST_TEST(tell(type::peeked).caller == answer::nothing);
    BOOST_TEST(one.is_erased());
    ask();
    BOOST_TEST(!one.is_erased());
}

BOOST_AUTO_TEST_CASE(a_flight_that_began_before_an_erasure_is_nobodys) {
    fly();
    auto const before = one.erasures();
    BOOST_TEST(tell(type::erased).flight == action::abandon);
    BOOST_TEST(land(true, false, before).landed == landing::ignored);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(J10_a_refresh_that_waits_for_its_turn_gives_way_to_another_key) {
    hold();
    pass(50min);
    tell(type::tended);
    BOOST_TEST(tell(type::dropped).flight == action::forgo);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(closing_ends_whatever_is_under_way) {
    BOOST_TEST(tell(type::closed).flight == action::none);
    ask();
    BOOST_TEST(tell(type::closed).flight == action::forgo);
    fly();
    BOOST_TEST(tell(type::closed).flight == action::abandon);
}

BOOST_AUTO_TEST_CASE(J11_a_context_that_is_gone_takes_all_flights_along) {
    fly();
    leave();
    fly();
    tell(type::lost);
    BOOST_TEST(one.is_idle());
    BOOST_TEST(tell(type::erased).flight == action::none);
}

BOOST_AUTO_TEST_CASE(N14_a_token_of_the_old_certificate_is_served_to_nobody) {
    hold();
    BOOST_TEST(tell(type::rekeyed).flight == action::none);
    BOOST_TEST(tell(type::peeked).caller == answer::nothing);
    BOOST_TEST(!one.is_erased()); // the key stays
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(N14_who_waits_gets_a_token_of_the_new_certificate) {
    fly();
    auto const before = one.erasures();
    BOOST_TEST(tell(type::rekeyed).flight == action::abandon);
    BOOST_TEST(tell(type::missed).flight == action::want);
    BOOST_TEST(land(true, false, before).landed == landing::ignored);
    BOOST_TEST(tell(type::begun).flight == action::begin);
    BOOST_TEST(land(true, true, one.erasures()).landed == landing::received);
}

BOOST_AUTO_TEST_CASE(a_flight_from_before_two_erasures_is_nobodys) {
    fly();
    auto const before = one.erasures();
    tell(type::erased);
    tell(type::rekeyed);
    BOOST_TEST(land(true, false, before).landed == landing::ignored);
}

BOOST_AUTO_TEST_SUITE_END()
