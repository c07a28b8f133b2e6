// Events in any order.
#include "core/refresh_core_fixture.hpp"
#include "support/byte_source.hpp"
#include "support/refresh_events.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

using fixture = test::refresh_core_fixture;

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

BOOST_AUTO_TEST_CASE(J5_J6_J7_J8_a_hundred_thousand_random_events_break_no_rule) {
    std::mt19937 dice(20'240'229); // NOLINT: the same run each time
    std::string bytes;
    for (int i = 0; i < 500'000; ++i)
        bytes += static_cast<char>(dice() >> 8U);
    test::byte_source choices(bytes);
    auto const given = test::refresh_events(choices).run();
    for (auto const count : {given.served, given.refreshed, given.waited, given.flown, given.refused})
        BOOST_TEST(count > 500);
}

BOOST_AUTO_TEST_SUITE_END()
