// When a shared connection rests between two looks (section M of doc/faults.md).
#include "core/look_pace.hpp"

#include <boost/test/unit_test.hpp>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;

namespace {

struct fixture {
    bool rests(std::chrono::nanoseconds later, std::size_t answers, std::size_t waiting = 64) {
        now += later;
        return pace.rests(now, answers, waiting);
    }

    equinix::sts::base::clock::time_point now{1h};
    core::look_pace pace;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(look_pace, fixture)

BOOST_AUTO_TEST_CASE(M28_answers_that_come_one_by_one_in_quick_succession_are_collected) {
    BOOST_TEST(!rests(1s, 1));
    BOOST_TEST(rests(20us, 1));
    BOOST_TEST(rests(100us, 4));
    BOOST_TEST(rests(100us, 2));
}

BOOST_AUTO_TEST_CASE(M28_a_rest_that_brought_little_is_the_last) {
    rests(1s, 1);
    BOOST_TEST(rests(20us, 1));
    BOOST_TEST(!rests(100us, 1));
    BOOST_TEST(!rests(1ms, 0));
}

BOOST_AUTO_TEST_CASE(M28_a_slow_server_is_looked_at_as_it_answers) {
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(!rests(101us, 1));
}

BOOST_AUTO_TEST_CASE(M28_few_exchanges_never_wait) {
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(!rests(1us, 1, 15));
}

BOOST_AUTO_TEST_CASE(M28_a_server_that_answers_together_is_looked_at_as_it_answers) {
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(!rests(1us, 16, 64));
}

BOOST_AUTO_TEST_SUITE_END()
