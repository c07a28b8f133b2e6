// Which exchange gets which connection.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"
#include "support/pool_core.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>

namespace core = equinix::sts::core;
using test::limits;
using fixture = test::pool_core_fixture;
using state = core::pool_slot::state;

BOOST_AUTO_TEST_SUITE(pool_core)

BOOST_AUTO_TEST_CASE(serves_several_from_four_exchanges_in_flight_on) {
    fixture f;
    for (int i = 0; i < 3; ++i)
        f.leased();
    BOOST_TEST(!f.pool.serves_several());
    auto& fourth = f.leased();
    BOOST_TEST(f.pool.serves_several());
    f.give_back(fourth);
    BOOST_TEST(!f.pool.serves_several());
}

BOOST_AUTO_TEST_CASE(opens_a_connection_for_the_first_waiter) {
    fixture f;
    core::pool_core::plan plan;
    auto& waiter = f.waiter();
    BOOST_TEST(f.pool.acquire(waiter, f.now, plan));
    BOOST_TEST(plan.open == 1U);
    BOOST_TEST(plan.to.empty());
    BOOST_TEST(f.pool.opening() == 1U);

    auto& slot = f.slot();
    core::pool_core::plan then;
    f.pool.opened(slot, f.now, then);
    BOOST_TEST(test::first_of(then) == &waiter);
    BOOST_TEST(test::slot_of(then) == &slot);
    BOOST_TEST(f.pool.leased() == 1U);
}

BOOST_AUTO_TEST_CASE(E1_hands_out_the_same_connection_again) {
    fixture f;
    auto& slot = f.leased();
    for (int i = 0; i < 10; ++i) {
        f.give_back(slot);
        core::pool_core::plan plan;
        auto& waiter = f.waiter();
        BOOST_TEST(f.pool.acquire(waiter, f.now, plan));
        BOOST_TEST(test::slot_of(plan) == &slot);
        BOOST_TEST(test::first_of(plan) == &waiter);
        BOOST_TEST(plan.open == 0U);
    }
}

BOOST_AUTO_TEST_CASE(takes_idle_connections_last_in_first_out) {
    fixture f;
    auto& first = f.leased();
    auto& second = f.leased();
    f.give_back(first);
    f.give_back(second);
    core::pool_core::plan plan;
    f.pool.acquire(f.waiter(), f.now, plan);
    BOOST_TEST(test::slot_of(plan) == &second);
}

BOOST_AUTO_TEST_CASE(never_opens_more_than_its_limits) {
    fixture f(limits(5, 2));
    std::size_t open = 0;
    for (int i = 0; i < 20; ++i) {
        core::pool_core::plan plan;
        f.pool.acquire(f.waiter(), f.now, plan);
        open += plan.open;
    }
    BOOST_TEST(open == 2U);
    std::size_t total = open;
    while (f.pool.opening() != 0) {
        core::pool_core::plan plan;
        f.pool.opened(f.slot(), f.now, plan);
        total += plan.open;
        BOOST_TEST(f.pool.opening() <= 2U);
    }
    BOOST_TEST(total == 5U);
}

BOOST_AUTO_TEST_CASE(keeps_a_connection_that_nobody_waits_for_any_more) {
    fixture f;
    auto& waiter = f.waiter();
    core::pool_core::plan plan;
    f.pool.acquire(waiter, f.now, plan);
    f.pool.abandon(waiter);
    auto& slot = f.slot();
    core::pool_core::plan then;
    f.pool.opened(slot, f.now, then);
    BOOST_TEST((slot.is == state::idle));
    BOOST_TEST(then.to.empty());
}

BOOST_AUTO_TEST_CASE(knows_which_connection_may_have_died_unnoticed) {
    fixture f;
    auto& handed_over = f.leased();
    BOOST_TEST(!handed_over.reused);
    f.give_back(handed_over);
    core::pool_core::plan again;
    f.pool.acquire(f.waiter(), f.now, again);
    BOOST_TEST(handed_over.reused);

    core::pool_core::plan left;
    auto& waiter = f.waiter();
    f.pool.acquire(waiter, f.now, left);
    f.pool.abandon(waiter);
    auto& never_used = f.slot();
    core::pool_core::plan opened;
    f.pool.opened(never_used, f.now, opened);
    core::pool_core::plan taken;
    f.pool.acquire(f.waiter(), f.now, taken);
    BOOST_TEST(test::slot_of(taken) == &never_used);
    BOOST_TEST(never_used.reused);
}

BOOST_AUTO_TEST_CASE(forgets_an_idle_connection_that_died) {
    fixture f;
    auto& first = f.leased();
    auto& second = f.leased();
    f.give_back(first);
    f.give_back(second);
    core::pool_core::plan plan;
    f.pool.lost(first, f.now, plan);
    BOOST_TEST(f.pool.idle() == 1U);
    f.pool.acquire(f.waiter(), f.now, plan);
    BOOST_TEST(test::slot_of(plan) == &second);
}

BOOST_AUTO_TEST_CASE(closing_empties_it) {
    fixture f(limits(2));
    auto& slot = f.leased();
    f.leased();
    f.give_back(slot);
    core::pool_core::plan taken;
    f.pool.acquire(f.waiter(), f.now, taken);
    core::pool_core::plan queued;
    f.pool.acquire(f.waiter(), f.now, queued);
    core::pool_core::plan plan;
    f.pool.close(plan);
    BOOST_TEST(plan.fail.size() == 1U);
    BOOST_TEST(f.pool.waiting() == 0U);
    BOOST_TEST(f.pool.idle() == 0U);
    plan.fail.clear();
}

BOOST_AUTO_TEST_SUITE_END()
