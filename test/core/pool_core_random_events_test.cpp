// Events in any order, with connections that carry one exchange and with those that carry several.
#include "core/pool_core_fixture.hpp"
#include "support/byte_source.hpp"
#include "support/pool_events.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

namespace core = equinix::sts::core;
using test::limits;

BOOST_AUTO_TEST_SUITE(pool_core)

BOOST_AUTO_TEST_CASE(keeps_its_invariants_under_random_events) {
    std::minstd_rand random(20261123); // NOLINT: the same run each time
    for (int round = 0; round < 50; ++round) {
        std::string bytes;
        for (int i = 0; i < 2000; ++i)
            bytes += static_cast<char>(random() >> 8U);
        test::byte_source choices(bytes);
        BOOST_CHECK_NO_THROW(test::pool_events(limits(6, 3, 20), choices).run());
    }
}

BOOST_AUTO_TEST_CASE(no_event_breaks_a_rule_where_connections_carry_several) {
    std::minstd_rand random(11); // NOLINT: the same run each time
    for (int run = 0; run < 300; ++run) {
        std::string bytes(2000, '\0');
        for (auto& one : bytes)
            one = static_cast<char>(random() >> 8U);
        test::byte_source choices(bytes);
        BOOST_CHECK_NO_THROW(test::pool_events(limits(6, 3, 20), choices, 5).run());
    }
}

BOOST_AUTO_TEST_SUITE_END()
