// Flights that fail.
#include "base/failure.hpp"
#include "core/token_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace base = equinix::sts::base;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::token_fsm_fixture;

namespace {

error_info refused() {
    auto info = base::failure(error_kind::oauth, phase::oauth, "");
    info.http_status = 401;
    return info;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_fsm, fixture)

BOOST_AUTO_TEST_CASE(L1_a_flight_that_cannot_be_begun_leaves_a_short_window) {
    ask();
    BOOST_TEST(tell(type::failed).flight == action::forgo);
    BOOST_TEST(ask().caller == answer::failure);
    pass(1s);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(J4_a_refusal_for_good_is_remembered_longer_than_a_passing_failure) {
    fly();
    BOOST_TEST(land(false).landed == landing::failed);
    BOOST_TEST(fail(base::failure(error_kind::network, phase::read, "")) == meaning::new_failure);
    pass(1s);
    BOOST_TEST(ask().caller == answer::wait);
    tell(type::begun);
    land(false);
    BOOST_TEST(fail(refused(), true) == meaning::refusal);
    pass(5s);
    BOOST_TEST(ask().caller == answer::failure);
    pass(6s);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(J4_after_a_refusal_another_subject_token_is_looked_for_once_a_second) {
    fly();
    land(false);
    fail(refused());
    pass(2s);
    auto const asked = ask(true, true);
    BOOST_TEST(asked.caller == answer::wait);
    BOOST_TEST(asked.flight == action::want);
    BOOST_TEST(one.looks_for_another_subject());
    tell(type::begun);
    land(false);
    auto same = base::failure(error_kind::oauth, phase::supplier, "");
    BOOST_TEST(fail(same, true) == meaning::as_before);
    BOOST_TEST(!one.looks_for_another_subject());
    BOOST_TEST(ask(true, true).caller == answer::failure);
}

BOOST_AUTO_TEST_CASE(J5_a_failure_for_want_of_retries_is_remembered_longer_each_time) {
    auto spent = base::failure(error_kind::unavailable, phase::read, "");
    spent.budget_spent = true;
    for (int i = 0; i < 6; ++i) {
        fly();
        land(false);
        BOOST_TEST(fail(spent) == meaning::new_failure);
        pass(2s);
    }
    fly();
    land(false);
    fail(spent);
    pass(900ms);
    BOOST_TEST(ask().caller == answer::failure);
    pass(1100ms);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(a_refusal_that_asks_for_later_is_a_passing_failure) {
    auto later = refused();
    later.http_status = 503;
    fly();
    land(false);
    BOOST_TEST(fail(later) == meaning::new_failure);
}

BOOST_AUTO_TEST_CASE(another_services_refusal_is_none_by_the_sts) {
    auto others = refused();
    others.phase = phase::supplier;
    fly();
    land(false);
    BOOST_TEST(fail(others) == meaning::new_failure);
    pass(1s);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(who_has_no_time_uses_up_no_look) {
    fly();
    land(false);
    fail(refused());
    pass(2s);
    BOOST_TEST(ask(false, true).caller == answer::failure);
    BOOST_TEST(ask(true, true).caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(J4_a_look_for_another_subject_token_that_fails_otherwise_is_a_failure) {
    fly();
    land(false);
    fail(refused());
    pass(2s);
    ask(true, true);
    tell(type::begun);
    land(false);
    BOOST_TEST(fail(base::failure(error_kind::network, phase::read, ""), true) == meaning::new_failure);
}

BOOST_AUTO_TEST_CASE(J4_only_a_flight_after_a_refusal_is_a_look_for_another_subject_token) {
    ask();
    BOOST_TEST(!one.looks_for_another_subject());
    tell(type::begun);
    land(true);
    receive();
    BOOST_TEST(!one.looks_for_another_subject());
    tell(type::rekeyed);
    BOOST_TEST(!one.looks_for_another_subject());
    tell(type::erased);
    BOOST_TEST(!one.looks_for_another_subject());
}

BOOST_AUTO_TEST_SUITE_END()
