// How many streams are reset (section M of doc/faults.md).
#include "core/reset_budget.hpp"

#include <boost/test/unit_test.hpp>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;

namespace {

struct fixture {
    int taken(int wanted) {
        int got = 0;
        for (int i = 0; i < wanted; ++i)
            got += budget.take(now) ? 1 : 0;
        return got;
    }

    equinix::sts::base::clock::time_point now{1h};
    core::reset_budget budget;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(reset_budget, fixture)

BOOST_AUTO_TEST_CASE(M27_a_burst_is_limited) {
    BOOST_TEST(taken(1000) == 100);
}

BOOST_AUTO_TEST_CASE(M27_what_was_taken_comes_back_at_a_rate_below_what_servers_forgive) {
    taken(100);
    now += 32ms;
    BOOST_TEST(taken(1) == 0);
    now += 1ms;
    BOOST_TEST(taken(2) == 1);
    now += 1s;
    BOOST_TEST(taken(100) == 30);
}

BOOST_AUTO_TEST_CASE(M27_the_remainder_of_a_span_is_kept) {
    taken(100);
    int got = 0;
    for (int i = 0; i < 330; ++i) {
        now += 10ms;
        got += taken(1);
    }
    BOOST_TEST(got == 100);
}

BOOST_AUTO_TEST_CASE(M27_never_more_than_a_burst_is_saved) {
    taken(100);
    now += 1000h;
    BOOST_TEST(taken(1000) == 100);
    now += 33ms;
    BOOST_TEST(taken(1000) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
