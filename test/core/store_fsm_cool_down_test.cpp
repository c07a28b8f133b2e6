// A service that has told the processes to wait.
#include "base/failure.hpp"
#include "core/store_fsm_fixture.hpp"
#include "core/store_record.hpp"

#include <boost/test/unit_test.hpp>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using fixture = test::store_fsm_fixture;

namespace {

struct cooling : fixture {
    void cool(milliseconds how_long) {
        core::store_record made;
        made.is = core::store_record::content::cool_down;
        made.generation = store_time();
        made.life = how_long;
        cool_down = sealed(made, wanted.cool_down_name);
    }
    void win() {
        begin();
        looked();
        acquired(true);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

BOOST_FIXTURE_TEST_CASE(P14_who_has_not_begun_waits_for_the_end_of_the_cool_down, cooling) {
    cool(10s);
    win();
    auto const began = now;
    action next = looked();
    while (next != action::exchange) {
        if (next == action::renew) {
            next = answered();
            continue;
        }
        BOOST_REQUIRE(next == action::wait);
        BOOST_TEST((flight->until() - now <= 1500ms)); // renews the lease meanwhile
        next = woke();
    }
    BOOST_TEST((now - began >= 10s && now - began <= 11s));
}

BOOST_FIXTURE_TEST_CASE(P14_a_cool_down_counts_for_30_s_at_most, cooling) {
    wanted.deadline = now + 1h;
    cool(24h);
    win();
    auto const began = now;
    action next = looked();
    while (next != action::exchange)
        next = next == action::renew ? answered() : woke();
    BOOST_TEST((now - began == 30s)); // nothing is random here
}

BOOST_FIXTURE_TEST_CASE(P14_with_a_shorter_deadline_the_error_has_the_wait, cooling) {
    wanted.deadline = now + 5s;
    cool(10s);
    win();
    BOOST_TEST(looked() == action::fail);
    auto const why = flight->take_failure();
    BOOST_TEST((why.kind == error_kind::unavailable));
    BOOST_TEST((why.retry_after.value() == 10s));
    BOOST_TEST(told() == action::release);
}

BOOST_FIXTURE_TEST_CASE(P14_a_forged_cool_down_delays_nobody, cooling) {
    cool_down = "forged";
    win();
    BOOST_TEST(looked() == action::exchange);
    record.reset();
    cool(10s);
    cool_down = sealed(record_of("token"), wanted.cool_down_name); // another kind of record
    win();
    BOOST_TEST(looked() == action::exchange);
}

BOOST_FIXTURE_TEST_CASE(P14_the_exchange_that_is_told_to_wait_publishes_it_at_once, cooling) {
    begin_exchange();
    fsm::event what{type::told_to_wait};
    what.wait = 20s;
    BOOST_TEST(tell(what) == action::look);
    BOOST_TEST(flight->name() == wanted.cool_down_name);
    BOOST_TEST(looked() == action::swap);
    BOOST_TEST((flight->life() == 20s));
    BOOST_TEST((flight->desired()->is == core::store_record::content::cool_down));
    BOOST_TEST((flight->desired()->generation == store_time()));
    BOOST_TEST(answered() == action::wait);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
}

BOOST_FIXTURE_TEST_CASE(P14_an_exchange_that_fails_with_a_wait_publishes_it, cooling) {
    begin_exchange();
    auto why = base::failure(error_kind::unavailable, phase::parse, "later");
    why.retry_after = 5s;
    fsm::event what{type::exchanged};
    what.why = &why;
    BOOST_TEST(tell(what) == action::look);
    BOOST_TEST(looked() == action::swap);
    BOOST_TEST((flight->life() == 5s));
    BOOST_TEST(answered() == action::release);
}

BOOST_FIXTURE_TEST_CASE(P14_a_cool_down_that_lasts_as_long_is_left, cooling) {
    for (auto const there : {20s, 25s}) {
        cool_down.reset();
        begin_exchange();
        cool(there);
        fsm::event what{type::told_to_wait};
        what.wait = 20s;
        tell(what);
        BOOST_TEST(looked() == action::wait);
    }
}

BOOST_FIXTURE_TEST_CASE(P14_a_cool_down_that_is_too_short_is_replaced_by_a_later_record, cooling) {
    begin_exchange();
    cool(5s);
    fsm::event what{type::told_to_wait};
    what.wait = 20s;
    tell(what);
    BOOST_TEST(looked() == action::swap);
    BOOST_TEST((flight->desired()->generation == store_time() + 1ms)); // the same moment
}

BOOST_AUTO_TEST_CASE(P14_a_wait_of_a_millisecond_is_shared_and_a_shorter_one_is_not) {
    for (std::chrono::nanoseconds const asked_for :
         {std::chrono::nanoseconds(1ms - 1ns), std::chrono::nanoseconds(1ms)}) {
        begin_exchange();
        fsm::event what{type::told_to_wait};
        what.wait = asked_for;
        BOOST_TEST(tell(what) == (asked_for == 1ms ? action::look : action::wait));
    }
}

BOOST_AUTO_TEST_CASE(P14_a_store_in_trouble_is_not_told) {
    begin();
    looked();
    BOOST_TEST(failed() == action::wait);
    BOOST_TEST(woke() == action::exchange);
    fsm::event what{type::told_to_wait};
    what.wait = 10s;
    BOOST_TEST(tell(what) == action::wait);
}

BOOST_AUTO_TEST_SUITE_END()
