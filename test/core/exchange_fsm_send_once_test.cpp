// A request that must not reach the service twice.
#include "core/exchange_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace core = equinix::sts::core;
using fixture = test::exchange_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(exchange_fsm, fixture)

BOOST_AUTO_TEST_CASE(G15_what_is_to_be_sent_once_is_not_sent_again) {
    way.send_once(true);
    lease();
    way.request_sent();
    BOOST_TEST(broken(lost(), true) == action::judge);
    BOOST_TEST(classified() == action::finish);
    BOOST_TEST(way.failure()->message ==
               "; not retried because the subject token has expired according to the local clock");
}

BOOST_AUTO_TEST_CASE(G15_what_is_to_be_sent_once_is_not_asked_for_again) {
    way.send_once(true);
    lease();
    way.request_sent();
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(way.failure()->message ==
               "; not retried because the subject token has expired according to the local clock");
}

BOOST_AUTO_TEST_CASE(G15_it_is_tried_again_as_long_as_nothing_was_sent) {
    way.send_once(true);
    BOOST_TEST(attempt(no_connection()) == action::pause);
}

BOOST_AUTO_TEST_CASE(G15_what_was_sent_with_another_subject_token_does_not_count) {
    way.request_sent();
    way.send_once(true);
    lease();
    BOOST_TEST(broken(lost(), true) == action::acquire);
    lease();
    BOOST_TEST(broken(lost()) == action::judge);
    BOOST_TEST(classified() == action::pause);
}

BOOST_AUTO_TEST_CASE(G15_another_subject_token_lifts_that) {
    way.send_once(true);
    way.send_once(false);
    way.request_sent();
    BOOST_TEST(attempt(unavailable()) == action::pause);
}

BOOST_AUTO_TEST_SUITE_END()
