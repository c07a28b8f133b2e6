// The order and the timing of connects (RFC 8305; section A of doc/faults.md), without sockets or timers.
#include "core/connect_race.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using equinix::sts::core::connect_race;
using equinix::sts::core::interleave_families;

namespace {

using order = std::vector<std::size_t>;

void check(connect_race::move const& made, int start, bool wait, bool lost) {
    BOOST_TEST((made.start ? static_cast<int>(*made.start) : -1) == start);
    BOOST_TEST(made.wait == wait);
    BOOST_TEST(made.lost == lost);
}

} // namespace

BOOST_AUTO_TEST_SUITE(connect_race_of_addresses)

BOOST_AUTO_TEST_CASE(A6_families_take_turns_beginning_with_the_preferred) {
    BOOST_TEST((interleave_families({true, true, true, false, false}) == order{0, 3, 1, 4, 2}));
    BOOST_TEST((interleave_families({false, true, true}) == order{0, 1, 2}));
    BOOST_TEST((interleave_families({false, false}) == order{0, 1}));
    BOOST_TEST((interleave_families({false, false, false, true}) == order{0, 3, 1, 2}));
    BOOST_TEST(interleave_families({}).empty());
}

BOOST_AUTO_TEST_CASE(A5_A6_a_silent_address_gives_way_to_the_next_and_stays_in_the_race) {
    connect_race race(3);
    check(race.begin(), 0, true, false);
    check(race.waited(), 1, true, false);
    check(race.waited(), 2, false, false);
    check(race.waited(), -1, false, false);
    check(race.failed(), -1, false, false);
    check(race.failed(), -1, false, false);
    check(race.failed(), -1, false, true);
}

BOOST_AUTO_TEST_CASE(A10_an_address_that_fails_gives_way_at_once) {
    connect_race race(2);
    check(race.begin(), 0, true, false);
    check(race.failed(), 1, false, false);
    check(race.failed(), -1, false, true);
}

BOOST_AUTO_TEST_CASE(A8_a_hundred_addresses_that_refuse_are_tried_once_each) {
    connect_race race(100);
    auto made = race.begin();
    std::size_t tried = 0;
    while (!made.lost) {
        BOOST_REQUIRE(made.start.has_value());
        BOOST_TEST(*made.start == tried);
        ++tried;
        made = race.failed();
    }
    BOOST_TEST(tried == 100U);
}

BOOST_AUTO_TEST_CASE(one_address_needs_no_timer) {
    connect_race race(1);
    check(race.begin(), 0, false, false);
}

BOOST_AUTO_TEST_CASE(no_address_is_a_race_that_is_lost) {
    connect_race race(0);
    check(race.begin(), -1, false, true);
}

BOOST_AUTO_TEST_SUITE_END()
