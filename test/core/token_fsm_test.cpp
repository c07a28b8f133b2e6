// The states of one key's token: what a caller gets, and when an exchange begins.
#include "core/token_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using fixture = test::token_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(token_fsm, fixture)

BOOST_AUTO_TEST_CASE(J1_the_first_caller_wants_a_flight_and_the_others_wait_for_it) {
    auto const first = ask();
    BOOST_TEST(first.caller == answer::wait);
    BOOST_TEST(first.flight == action::want);
    BOOST_TEST(one.is() == state::wanted);
    BOOST_TEST(ask().flight == action::none);
    BOOST_TEST(tell(type::begun).flight == action::begin);
    auto const later = ask();
    BOOST_TEST(later.caller == answer::wait);
    BOOST_TEST(later.flight == action::none);
    BOOST_TEST(one.is() == state::flying);
}

BOOST_AUTO_TEST_CASE(a_token_that_has_landed_is_served) {
    fly();
    auto const landed = land(true);
    BOOST_TEST(landed.landed == landing::received);
    BOOST_TEST(landed.flight == action::land);
    BOOST_TEST(receive());
    BOOST_TEST(one.is() == state::resting);
    BOOST_TEST(ask().caller == answer::token);
    BOOST_TEST(tell(type::peeked).caller == answer::token);
}

BOOST_AUTO_TEST_CASE(who_does_not_wait_begins_no_flight) {
    auto const seen = tell(type::peeked);
    BOOST_TEST(seen.caller == answer::nothing);
    BOOST_TEST(seen.flight == action::none);
}

BOOST_AUTO_TEST_CASE(J2_a_token_that_is_due_is_served_and_refreshed_in_the_background) {
    hold();
    pass(50min);
    auto const seen = tell(type::peeked);
    BOOST_TEST(seen.caller == answer::token);
    BOOST_TEST(seen.flight == action::refresh);
    BOOST_TEST(one.is() == state::due);
    BOOST_TEST(tell(type::tended).flight == action::none); // once
}

BOOST_AUTO_TEST_CASE(no_refresh_is_begun_while_the_desk_is_closing) {
    hold();
    pass(50min);
    fsm::event what{type::peeked};
    what.closing = true;
    auto const seen = tell(what);
    BOOST_TEST(seen.caller == answer::token);
    BOOST_TEST(seen.flight == action::none);
}

BOOST_AUTO_TEST_CASE(a_caller_moves_a_refresh_forward_once_the_token_is_over) {
    hold();
    pass(50min);
    tell(type::tended);
    pass(1h);
    auto const asked = ask();
    BOOST_TEST(asked.caller == answer::wait);
    BOOST_TEST(asked.flight == action::want);
    BOOST_TEST(one.is() == state::wanted);
}

BOOST_AUTO_TEST_CASE(who_has_no_time_gets_no_flight) {
    auto const asked = ask(false);
    BOOST_TEST(asked.caller == answer::no_time);
    BOOST_TEST(asked.flight == action::none);
    hold();
    BOOST_TEST(ask(false).caller == answer::token);
}

BOOST_AUTO_TEST_CASE(J8_a_token_that_ended_while_the_machine_slept_is_fetched_again) {
    fly();
    fsm::event what{type::landed};
    what.counts = what.has_token = true;
    what.ends = {now.steady + 1h, now.system + 1h};
    now.system += 2h;
    auto const landed = tell(what);
    BOOST_TEST(landed.landed == landing::ignored);
    BOOST_TEST(landed.flight == action::land);
    BOOST_TEST(tell(type::missed).flight == action::want);
}

BOOST_AUTO_TEST_CASE(J8_a_token_has_ended_at_its_end_by_each_clock) {
    for (bool const by_both : {false, true}) {
        fixture on;
        on.fly();
        fsm::event what{type::landed};
        what.counts = what.has_token = true;
        what.ends = {on.now.steady + 1h, on.now.system + 1h};
        on.now.system += 1h;
        if (by_both) on.now.steady += 1h; // then no clock has slept
        BOOST_TEST(on.tell(what).landed == (by_both ? landing::received : landing::ignored));
    }
}

BOOST_AUTO_TEST_CASE(a_token_that_ends_before_it_comes_serves_those_who_wait) {
    fly();
    fsm::event what{type::landed};
    what.counts = what.has_token = true;
    what.ends = {now.steady + 1s, now.system + 1s};
    pass(2s);
    BOOST_TEST(tell(what).landed == landing::received);
}

BOOST_AUTO_TEST_CASE(a_token_without_a_lifetime_is_not_held) {
    fly();
    land(true);
    BOOST_TEST(!receive(0s));
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_SUITE_END()
