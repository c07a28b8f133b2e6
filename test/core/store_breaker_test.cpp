// When a store is given up for a while, step by step.
#include "core/store_breaker.hpp"

#include <boost/test/unit_test.hpp>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;

namespace {

using command = core::store_breaker::command;

struct fixture {
    core::store_breaker breaker;
    equinix::sts::base::clock::time_point now{1000h};

    void open() {
        for (int i = 0; i < 3; ++i)
            breaker.failed(command::read, now, 0);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_breaker, fixture)

BOOST_AUTO_TEST_CASE(P15_three_failures_in_a_row_open_it) {
    BOOST_TEST(!breaker.failed(command::read, now, 0));
    BOOST_TEST(!breaker.failed(command::read, now, 0));
    BOOST_TEST(breaker.allows(now));
    BOOST_TEST(breaker.failed(command::read, now, 0));
    BOOST_TEST(!breaker.allows(now + 999ms));
    BOOST_TEST(breaker.allows(now + 1s));
}

BOOST_AUTO_TEST_CASE(an_answer_between_begins_the_count_anew) {
    breaker.failed(command::read, now, 0);
    breaker.failed(command::read, now, 0);
    breaker.worked(command::read);
    BOOST_TEST(!breaker.failed(command::read, now, 0));
    BOOST_TEST(!breaker.failed(command::read, now, 0));
    BOOST_TEST(breaker.allows(now));
}

BOOST_AUTO_TEST_CASE(P15_a_store_that_can_be_read_and_not_written_opens_it_too) {
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(!breaker.failed(command::write, now, 0));
        BOOST_TEST(!breaker.worked(command::read)); // and does not end the row
    }
    BOOST_TEST(breaker.failed(command::write, now, 0));
    BOOST_TEST(!breaker.allows(now));
}

BOOST_AUTO_TEST_CASE(a_read_lets_the_next_write_decide) {
    for (int i = 0; i < 3; ++i)
        breaker.failed(command::write, now, 0);
    now += 1s;
    BOOST_TEST(breaker.allows(now));
    BOOST_TEST(!breaker.worked(command::read));
    BOOST_TEST(breaker.allows(now)); // others may look, too
    BOOST_TEST(breaker.failed(command::write, now, 0));
    BOOST_TEST(!breaker.allows(now + 1999ms)); // for longer than the first time
    now += 2s;
    BOOST_TEST(breaker.allows(now));
    BOOST_TEST(breaker.worked(command::write));
    BOOST_TEST(!breaker.failed(command::write, now, 0));
}

BOOST_AUTO_TEST_CASE(one_probe_at_a_time) {
    open();
    now += 1s;
    BOOST_TEST(breaker.allows(now));
    BOOST_TEST(!breaker.allows(now));
    breaker.worked(command::read);
    BOOST_TEST(breaker.allows(now));
    BOOST_TEST(breaker.allows(now));
}

BOOST_AUTO_TEST_CASE(a_probe_whose_end_is_never_told_is_not_the_last) {
    open();
    now += 1s;
    BOOST_TEST(breaker.allows(now));
    BOOST_TEST(breaker.allows(now + 1s));
}

BOOST_AUTO_TEST_CASE(each_probe_that_fails_doubles_the_wait_up_to_30_s) {
    open();
    std::chrono::nanoseconds last = 1s;
    for (int i = 0; i < 10; ++i) {
        now += 60s;
        BOOST_TEST(breaker.allows(now));
        BOOST_TEST(breaker.failed(command::read, now, ~0U));
        std::chrono::nanoseconds closed = 0s;
        while (!breaker.allows(now + closed))
            closed += 100ms;
        BOOST_TEST((closed >= last));
        BOOST_TEST((closed <= 30s));
        last = closed;
        breaker.failed(command::read, now + closed, 0);
    }
    BOOST_TEST((last >= 15s));
}

BOOST_AUTO_TEST_CASE(what_was_sent_before_it_opened_changes_nothing) {
    open();
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(!breaker.failed(command::read, now + 500ms, ~0U));
    BOOST_TEST(breaker.allows(now + 1s));
}

BOOST_AUTO_TEST_SUITE_END()
