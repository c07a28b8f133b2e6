// Connections that are idle too long, too old, or used too often.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"
#include "support/pool_core.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using test::limits;
using fixture = test::pool_core_fixture;

BOOST_AUTO_TEST_SUITE(pool_core)

BOOST_AUTO_TEST_CASE(E6_E7_drops_what_is_idle_too_long_and_says_when_to_look) {
    fixture f;
    auto& slot = f.leased();
    f.give_back(slot);
    BOOST_TEST((f.pool.next_expiry() == f.now + 50s));
    core::pool_core::plan early;
    f.pool.tick(f.now + 50s - 1ns, early);
    BOOST_TEST(early.drop.empty());
    core::pool_core::plan plan;
    f.pool.tick(f.now + 50s, plan);
    BOOST_TEST(&plan.drop.front() == &slot);
    BOOST_TEST((f.pool.next_expiry() == base::clock::time_point::max()));
    plan.drop.clear();
}

BOOST_AUTO_TEST_CASE(drops_what_is_too_old_however_busy_it_was) {
    fixture f;
    auto& slot = f.leased();
    f.now += 4min;
    f.give_back(slot);
    core::pool_core::plan again;
    f.pool.acquire(f.waiter(), f.now, again);
    BOOST_TEST(test::slot_of(again) == &slot);
    f.now += 1min;
    core::pool_core::plan plan;
    f.pool.returned(slot, f.now, plan);
    BOOST_TEST(&plan.drop.front() == &slot);
    plan.drop.clear();
}

BOOST_AUTO_TEST_CASE(drops_what_was_used_often_enough) {
    auto three = limits(4);
    three.max_uses = 3;
    fixture f(three);
    auto& slot = f.leased();
    for (int i = 0; i < 2; ++i) {
        f.give_back(slot);
        core::pool_core::plan plan;
        f.pool.acquire(f.waiter(), f.now, plan);
        BOOST_TEST(test::slot_of(plan) == &slot);
    }
    core::pool_core::plan plan;
    f.pool.returned(slot, f.now, plan);
    BOOST_TEST(&plan.drop.front() == &slot);
    plan.drop.clear();
}

BOOST_AUTO_TEST_CASE(E4_discards_all_stale_connections_in_one_pass) {
    fixture f;
    std::vector<core::pool_slot*> slots;
    for (int i = 0; i < 10; ++i)
        slots.push_back(&f.leased());
    for (auto* const slot : slots)
        f.give_back(*slot);
    core::pool_core::plan plan;
    BOOST_TEST(f.pool.acquire(f.waiter(), f.now + 51s, plan));
    BOOST_TEST(plan.drop.size() == 10U);
    BOOST_TEST(plan.open == 1U);
    plan.drop.clear();
}

BOOST_AUTO_TEST_CASE(does_not_overflow_with_the_longest_times) {
    auto endless = limits(1);
    endless.idle_timeout = std::chrono::nanoseconds::max();
    endless.max_age = std::chrono::nanoseconds::max();
    fixture f(endless);
    auto& slot = f.leased();
    f.give_back(slot);
    BOOST_TEST((f.pool.next_expiry() == base::clock::time_point::max()));
    core::pool_core::plan plan;
    f.pool.tick(f.now + 100000h, plan);
    BOOST_TEST(plan.drop.empty());
}

BOOST_AUTO_TEST_SUITE_END()
