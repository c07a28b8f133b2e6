// Who waits, for how long, and in which order they are served.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"
#include "support/pool_core.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using test::limits;
using fixture = test::pool_core_fixture;
using state = core::pool_slot::state;

BOOST_AUTO_TEST_SUITE(pool_core)

BOOST_AUTO_TEST_CASE(E8_serves_waiters_in_the_order_of_their_coming) {
    fixture f(limits(1));
    auto& slot = f.leased();
    std::vector<core::pool_waiter*> queue;
    for (int i = 0; i < 10; ++i) {
        core::pool_core::plan plan;
        queue.push_back(&f.waiter());
        f.pool.acquire(*queue.back(), f.now, plan);
        BOOST_TEST(plan.open == 0U);
    }
    for (auto* const expected : queue) {
        core::pool_core::plan plan;
        f.pool.returned(slot, f.now, plan);
        BOOST_TEST(test::first_of(plan) == expected);
        BOOST_TEST(!expected->queued);
    }
}

BOOST_AUTO_TEST_CASE(E8_serves_those_that_come_back_in_their_order_before_the_others) {
    fixture f(limits(1));
    auto& slot = f.leased();
    core::pool_core::plan plan;
    auto& late = f.waiter();
    auto& first = f.waiter();
    auto& second = f.waiter();
    f.pool.acquire(late, f.now, plan);
    f.pool.acquire(first, f.now, plan, true);
    f.pool.acquire(second, f.now, plan, true);
    for (auto* const expected : {&first, &second, &late}) {
        core::pool_core::plan then;
        f.pool.returned(slot, f.now, then);
        BOOST_TEST(test::first_of(then) == expected);
    }
}

BOOST_AUTO_TEST_CASE(refuses_one_waiter_too_many) {
    fixture f(limits(1, 1, 2));
    f.leased();
    core::pool_core::plan plan;
    BOOST_TEST(f.pool.acquire(f.waiter(), f.now, plan));
    BOOST_TEST(f.pool.acquire(f.waiter(), f.now, plan));
    auto& third = f.waiter();
    BOOST_TEST(!f.pool.acquire(third, f.now, plan));
    BOOST_TEST(!third.queued);
    BOOST_TEST(f.pool.waiting() == 2U);
}

BOOST_AUTO_TEST_CASE(E9_lets_a_waiter_leave_and_the_connect_serve_the_next) {
    fixture f(limits(1));
    auto& first = f.waiter();
    auto& second = f.waiter();
    core::pool_core::plan plan;
    f.pool.acquire(first, f.now, plan);
    f.pool.acquire(second, f.now, plan);
    f.pool.abandon(first);
    f.pool.abandon(first); // leaving twice is leaving once
    BOOST_TEST(f.pool.waiting() == 1U);
    core::pool_core::plan then;
    f.pool.opened(f.slot(), f.now, then);
    BOOST_TEST(test::first_of(then) == &second);
}

BOOST_AUTO_TEST_CASE(fails_waiters_at_their_deadlines_alone) {
    fixture f(limits(1));
    f.leased();
    auto& late = f.waiter(2s);
    auto& soon = f.waiter(1s);
    core::pool_core::plan plan;
    f.pool.acquire(late, f.now, plan);
    f.pool.acquire(soon, f.now, plan);
    core::pool_core::plan then;
    f.pool.tick(f.now + 1s, then);
    BOOST_TEST(then.fail.size() == 1U);
    BOOST_TEST(&then.fail.front() == &soon);
    BOOST_TEST(late.queued);
    then.fail.clear();
}

BOOST_AUTO_TEST_CASE(a_replaced_exchange_goes_before_the_others) {
    fixture f(limits(1));
    auto& slot = f.leased();
    auto& other = f.waiter();
    core::pool_core::plan plan;
    f.pool.acquire(other, f.now, plan);
    core::pool_core::plan lost;
    f.pool.lost(slot, f.now, lost);
    BOOST_TEST(lost.open == 1U);
    auto& replaced = f.waiter();
    replaced.fresh_only = true;
    f.pool.acquire(replaced, f.now, lost, true);
    core::pool_core::plan then;
    f.pool.opened(f.slot(), f.now, then);
    BOOST_TEST(test::first_of(then) == &replaced);
}

BOOST_AUTO_TEST_CASE(a_waiter_for_a_fresh_connection_gets_no_used_one) {
    fixture f(limits(2));
    auto& used = f.leased();
    auto& waiter = f.waiter();
    waiter.fresh_only = true;
    core::pool_core::plan plan;
    f.pool.acquire(waiter, f.now, plan, true);
    BOOST_TEST(plan.open == 1U);
    core::pool_core::plan back;
    f.pool.returned(used, f.now, back);
    BOOST_TEST(back.to.empty());
    BOOST_TEST((used.is == state::idle));
    core::pool_core::plan then;
    f.pool.opened(f.slot(), f.now, then);
    BOOST_TEST(test::first_of(then) == &waiter);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_makes_room_for_a_fresh_one) {
    fixture f(limits(1));
    auto& used = f.leased();
    auto& waiter = f.waiter();
    waiter.fresh_only = true;
    core::pool_core::plan plan;
    f.pool.acquire(waiter, f.now, plan, true);
    BOOST_TEST(plan.open == 0U);
    core::pool_core::plan back;
    f.pool.returned(used, f.now, back);
    BOOST_TEST(back.open == 1U);
    BOOST_TEST(&back.drop.front() == &used);
    back.drop.clear();
}

BOOST_AUTO_TEST_CASE(E8_makes_room_for_a_waiter_that_needs_a_fresh_connection) {
    fixture f(limits(1));
    auto& slot = f.leased();
    core::pool_core::plan plan;
    auto& fresh = f.waiter();
    fresh.fresh_only = true;
    f.pool.acquire(fresh, f.now, plan, true);
    f.pool.acquire(f.waiter(), f.now, plan);
    core::pool_core::plan then;
    f.pool.returned(slot, f.now, then);
    BOOST_TEST(then.to.empty());
    BOOST_TEST(then.drop.size() == 1U);
    BOOST_TEST(then.open == 1U);
    then.drop.clear();
    core::pool_core::plan opened;
    f.pool.opened(f.slot(), f.now, opened);
    BOOST_TEST(test::first_of(opened) == &fresh);
}

BOOST_AUTO_TEST_SUITE_END()
