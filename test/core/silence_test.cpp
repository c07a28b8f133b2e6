// When a connection that brings nothing is asked, and when it is given up (section M of doc/faults.md).
#include "core/silence.hpp"

#include <boost/test/unit_test.hpp>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using action = core::silence::action;

namespace {

struct fixture {
    action after(std::chrono::nanoseconds span) {
        now += span;
        return silent.pass(now);
    }

    equinix::sts::base::clock::time_point now{1h};
    core::silence silent{8s}; // asked after 2 s
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(silence, fixture)

BOOST_AUTO_TEST_CASE(M25_a_silent_connection_is_asked_and_then_given_up) {
    silent.heard(now);
    BOOST_TEST((after(1999ms) == action::none));
    BOOST_TEST((after(1ms) == action::ask));
    BOOST_TEST((after(1999ms) == action::none));
    BOOST_TEST((after(1ms) == action::dead));
}

BOOST_AUTO_TEST_CASE(M25_what_is_received_counts_as_an_answer) {
    silent.heard(now);
    BOOST_TEST((after(2s) == action::ask));
    now += 1s;
    silent.heard(now);
    BOOST_TEST((after(1999ms) == action::none));
    BOOST_TEST((after(1ms) == action::ask));
}

BOOST_AUTO_TEST_CASE(M25_a_process_that_was_stopped_asks_before_it_gives_up) {
    silent.heard(now);
    BOOST_TEST((after(10h) == action::ask));
    BOOST_TEST((silent.due() == now + 2s));
}

BOOST_AUTO_TEST_CASE(M25_both_spans_are_within_an_attempt_and_neither_is_tiny_nor_long) {
    core::silence tiny(1ms), endless(std::chrono::nanoseconds::max());
    tiny.heard(now);
    endless.heard(now);
    BOOST_TEST((tiny.due() == now + 1s));
    BOOST_TEST((endless.due() == now + 10s));
}

BOOST_AUTO_TEST_SUITE_END()
