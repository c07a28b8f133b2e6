// The lease: who waits for another's exchange, for how long, and how it is renewed.
#include "core/store_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

namespace base = equinix::sts::base;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::store_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

BOOST_AUTO_TEST_CASE(who_has_no_lease_looks_again_after_20_ms_doubled_to_160) {
    begin();
    looked();
    milliseconds const most[] = {20ms, 40ms, 80ms, 160ms, 160ms};
    for (auto const each : most) {
        BOOST_TEST(acquired(false) == action::wait);
        auto const wait = flight->until() - now;
        BOOST_TEST((wait == each / 2)); // the least that is random
        BOOST_TEST(woke() == action::acquire);
    }
    BOOST_TEST(flight->take_notes() == (note::miss | note::lease_awaited)); // told once
    store(record_of("of-the-other"));
    BOOST_TEST(acquired(false) == action::serve);
    BOOST_TEST(told() == action::release); // it may have been won, had the answer been lost
}

BOOST_AUTO_TEST_CASE(P10_another_is_passed_by_after_half_of_the_time_or_more) {
    auto const began = now;
    begin();
    looked();
    action next = acquired(false);
    while (next == action::wait) {
        next = woke();
        BOOST_REQUIRE(next == action::acquire);
        next = acquired(false);
    }
    BOOST_TEST(next == action::look); // at the cool-down
    BOOST_TEST((now - began >= 15s && now - began <= 23s));
    BOOST_TEST(looked() == action::exchange);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
    BOOST_TEST(answered() == action::release);
}

BOOST_AUTO_TEST_CASE(P11_a_holder_that_shows_no_life_is_passed_by) {
    begin();
    looked();
    BOOST_TEST(acquired(false, 0ms) == action::wait); // it may be about to end
    BOOST_TEST(woke() == action::acquire);
    BOOST_TEST(acquired(false, 0ms) == action::look); // at the cool-down
    BOOST_TEST(looked() == action::exchange);
    BOOST_TEST((flight->until() == base::clock::time_point::max())); // there is no lease to renew
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);        // and it writes nevertheless
}

BOOST_AUTO_TEST_CASE(P11_a_lease_that_someone_has_lengthened_is_passed_by) {
    begin();
    looked();
    BOOST_TEST(acquired(false, 1h) == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1h) == action::look);
    BOOST_TEST(flight->name() == wanted.cool_down_name);
}

BOOST_AUTO_TEST_CASE(P11_the_holder_after_one_that_was_killed_is_waited_for) {
    begin();
    looked();
    for (auto const* const holder : {"one", "two", "three", "four"}) {
        BOOST_TEST(acquired(false, 1500ms, holder) == action::wait);
        now += 1500ms; // the lease has ended, unless it was renewed
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_AUTO_TEST_CASE(P15_after_two_holders_that_leave_no_token_nobody_waits_for_a_third) {
    begin();
    looked();
    BOOST_TEST(acquired(false, 1500ms, "one") == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1400ms, "one") == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1500ms, "two") == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1500ms, "three") == action::look);
    BOOST_TEST(flight->name() == wanted.cool_down_name);
    BOOST_TEST(looked() == action::exchange);
}

BOOST_AUTO_TEST_CASE(who_has_a_token_that_is_served_waits_for_any_number_of_holders) {
    wanted.held = secret("held");
    wanted.served_until = now + 300s;
    begin();
    looked();
    for (auto const* const holder : {"one", "two", "three", "four"}) {
        BOOST_TEST(acquired(false, 1500ms, holder) == action::wait);
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_tell_who_holds_the_lease_is_waited_for) {
    begin();
    looked();
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(acquired(false, 1500ms, i % 2 == 0 ? "" : "one") == action::wait);
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_AUTO_TEST_CASE(a_holder_that_gives_up_leaves_the_lease_to_the_next) {
    begin();
    looked();
    BOOST_TEST(acquired(false) == action::wait);
    BOOST_TEST(woke() == action::acquire);
    BOOST_TEST(acquired(true) == action::look);
    BOOST_TEST(looked() == action::exchange);
}

BOOST_AUTO_TEST_CASE(the_lease_is_renewed_each_third_of_its_life) {
    begin_exchange();
    for (int i = 0; i < 5; ++i) {
        auto const asked = now;
        BOOST_TEST((flight->until() == asked + 1500ms));
        BOOST_TEST(woke() == action::renew);
        BOOST_TEST(answered() == action::wait);
    }
    now += 1s;
    BOOST_TEST(woke() == action::renew);
    BOOST_TEST(failed() == action::wait); // it is tried again at the next third
    BOOST_TEST(woke() == action::renew);
    BOOST_TEST(answered(false) == action::wait); // lost: the exchange goes on
    BOOST_TEST((flight->until() == base::clock::time_point::max()));
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
}

BOOST_AUTO_TEST_CASE(P11_a_lease_of_ten_lives_shows_life_and_a_longer_one_does_not) {
    for (auto const beyond : {0ms, 1ms}) {
        fixture on;
        on.begin();
        on.looked();
        BOOST_TEST(on.acquired(false, 45s + beyond) == action::wait);
        on.woke();
        BOOST_TEST(on.acquired(false, 45s + beyond) == (beyond == 0ms ? action::wait : action::look));
    }
}

BOOST_AUTO_TEST_CASE(P10_those_who_pass_another_by_are_spread_over_a_quarter_of_the_time) {
    for (std::uint32_t const random : {0U, ~0U}) {
        fixture on;
        auto const began = on.now;
        on.flight.emplace(on.keys, on.options, on.wanted);
        fsm::event what{type::began};
        what.allowed = true;
        what.random = random;
        on.tell(what);
        on.looked();
        auto next = on.acquired(false);
        while (next == action::wait) {
            on.woke();
            next = on.acquired(false);
        }
        auto const waited = on.now - began;
        BOOST_TEST((random == 0 ? waited == 15s : waited > 22400ms && waited <= 22500ms));
    }
}

BOOST_AUTO_TEST_SUITE_END()
