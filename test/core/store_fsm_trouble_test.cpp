// Commands that fail.
#include "core/store_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <optional>

using namespace std::chrono_literals;
using fixture = test::store_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

BOOST_AUTO_TEST_CASE(P15_a_store_that_is_given_up_is_not_asked) {
    BOOST_TEST(begin(false) == action::exchange);
    fsm::event what{type::exchanged};
    what.allowed = false;
    BOOST_TEST(tell(what) == action::none);
}

BOOST_AUTO_TEST_CASE(P15_a_late_command_is_sent_once_more) {
    begin();
    BOOST_TEST(failed(true) == action::look);
    BOOST_TEST(failed(true) == action::wait);
    begin();
    BOOST_TEST(failed(true) == action::look);
    BOOST_TEST(looked() == action::acquire);
    BOOST_TEST(failed(true) == action::acquire);
    BOOST_TEST(acquired(true) == action::look);
}

BOOST_AUTO_TEST_CASE(P15_after_a_failure_the_exchange_follows_within_600_ms) {
    for (bool const late : {false, true})
        for (std::uint32_t const random : {0U, 1U << 31U, ~0U}) {
            auto const began = now;
            begin();
            if (late) {
                now += 250ms;
                fsm::event what{type::failed};
                what.asked = began;
                what.late = true;
                BOOST_TEST(tell(what) == action::look);
                now += 250ms;
            }
            BOOST_TEST(failed(late, random) == action::wait);
            BOOST_TEST((flight->until() - began <= 600ms));
            BOOST_TEST(woke() == action::exchange);
        }
}

BOOST_AUTO_TEST_CASE(P15_trouble_leaves_half_of_a_short_time_to_the_exchange) {
    wanted.deadline = now + 200ms;
    begin();
    auto const asked = now;
    now += 60ms;
    fsm::event what{type::failed};
    what.asked = asked;
    what.late = true;
    BOOST_TEST(tell(what) == action::look);
    now += 60ms;
    BOOST_TEST(failed(true, ~0U) == action::wait);
    BOOST_TEST((flight->until() <= asked + 120ms));
    BOOST_TEST(woke() == action::exchange);
}

BOOST_AUTO_TEST_CASE(P15_trouble_with_each_command_ends_in_an_exchange) {
    begin();
    looked();
    BOOST_TEST(failed() == action::wait); // acquiring
    BOOST_TEST(woke() == action::exchange);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap); // it had looked
    BOOST_TEST(answered() == action::release);

    begin();
    looked();
    acquired(true);
    BOOST_TEST(failed() == action::exchange); // at the cool-down: the lease is held
    exchanged(token_of("fresh"));
    BOOST_TEST(failed() == action::release); // writing

    begin();
    looked();
    acquired(false);
    woke();
    BOOST_TEST(failed() == action::wait); // while another exchanges
    BOOST_TEST(woke() == action::exchange);
}

BOOST_AUTO_TEST_CASE(P15_trouble_at_the_end_ends_it) {
    begin_exchange();
    exchanged(token_of("fresh"));
    BOOST_TEST(failed(true) == action::swap); // late: once more
    BOOST_TEST(failed(true) == action::release);
    BOOST_TEST(failed(true) == action::none);
    begin_exchange();
    exchange_broken();
    BOOST_TEST(failed(true) == action::none); // the lease ends by itself
}

BOOST_AUTO_TEST_CASE(P15_the_exchanges_of_many_are_spread_over_300_ms) {
    for (std::uint32_t const random : {0U, ~0U}) {
        begin();
        BOOST_TEST(failed(false, random) == action::wait);
        auto const pause = flight->until() - now;
        BOOST_TEST((random == 0 ? pause == 0ms : pause > 299ms && pause <= 300ms));
    }
}

BOOST_AUTO_TEST_SUITE_END()
