// A flight for a token that is still served.
#include "core/store_fsm_fixture.hpp"
#include "core/store_record.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::store_fsm_fixture;

namespace {

struct refreshing : fixture {
    refreshing() {
        wanted.held = secret("held");
        wanted.served_until = now + 300s;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

BOOST_FIXTURE_TEST_CASE(a_refresh_takes_a_newer_token, refreshing) {
    store(record_of("newer"));
    begin();
    BOOST_TEST(looked() == action::serve);
}

BOOST_FIXTURE_TEST_CASE(a_refresh_does_not_take_what_is_held_or_ends_earlier, refreshing) {
    store(record_of("held"));
    begin();
    BOOST_TEST(looked() == action::acquire);
    store(record_of("older", 3400s));
    begin();
    BOOST_TEST(looked() == action::acquire);
}

BOOST_FIXTURE_TEST_CASE(a_refresh_whose_token_has_just_ended_waits_as_a_first_token_does, refreshing) {
    wanted.served_until = now;
    begin();
    looked();
    BOOST_TEST(acquired(false) == action::wait);
    BOOST_TEST((flight->until() > now));
}

BOOST_FIXTURE_TEST_CASE(a_refresh_that_is_not_the_leader_looks_again_after_about_a_second, refreshing) {
    begin();
    looked();
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(acquired(false) == action::wait);
        auto const wait = flight->until() - now;
        BOOST_TEST((wait == 500ms)); // the least that is random
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_FIXTURE_TEST_CASE(a_refresh_hurries_once_the_token_is_over, refreshing) {
    wanted.served_until = now + 100ms;
    begin();
    looked();
    acquired(false);
    BOOST_TEST((flight->until() == now + 100ms));
    woke();
    acquired(false);
    BOOST_TEST((flight->until() - now <= 160ms));
}

BOOST_FIXTURE_TEST_CASE(a_refresh_hurries_when_its_token_is_invalidated, refreshing) {
    begin();
    looked();
    BOOST_TEST(acquired(false) == action::wait);
    woke();
    acquired(false);
    BOOST_TEST(tell({type::hurried}) == action::acquire);
    acquired(false);
    BOOST_TEST((flight->until() - now == 10ms)); // as the first time: the least that is random
}

BOOST_FIXTURE_TEST_CASE(a_refresh_writes_no_refusal_over_a_token_that_serves, refreshing) {
    begin_exchange();
    BOOST_TEST(exchange_refused() == action::release);
}

BOOST_FIXTURE_TEST_CASE(a_refresh_that_callers_wait_for_meanwhile_shares_its_refusal, refreshing) {
    begin_exchange();
    BOOST_TEST(tell({type::hurried}) == action::wait);
    BOOST_TEST(exchange_refused() == action::swap);
    BOOST_TEST((flight->desired()->is == core::store_record::content::refusal));
}

BOOST_AUTO_TEST_CASE(a_refresh_takes_only_what_is_served_longer) {
    for (auto const beyond : {0ns, 1ns}) {
        fixture on;
        on.wanted.held = secret("held");
        on.wanted.served_until = on.now + 3540s - beyond; // as long as a token of an hour
        on.store(on.record_of("another"));
        on.begin();
        BOOST_TEST(on.looked() == (beyond == 0ns ? action::acquire : action::serve));
    }
}

BOOST_AUTO_TEST_SUITE_END()
