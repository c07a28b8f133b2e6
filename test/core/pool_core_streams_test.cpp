// Connections that carry several exchanges at a time.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using test::limits;
using shared = test::shared_pool_core_fixture;
using state = core::pool_slot::state;

namespace {

/// One connection at most, which several share.
struct only_one : shared {
    only_one()
        : shared([] {
              equinix::sts::pool_options limits;
              limits.max_connections = 1;
              return limits;
          }()) {}
};

} // namespace

BOOST_AUTO_TEST_SUITE(pool_core)

BOOST_FIXTURE_TEST_CASE(M21_one_connection_is_opened_until_it_is_known_what_it_carries, shared) {
    auto const all = queue(10);
    BOOST_TEST(opened_for == 1U);
    open(100);
    BOOST_TEST(served == all);
    BOOST_TEST(opened_for == 1U);
}

BOOST_FIXTURE_TEST_CASE(M21_over_http_1_1_the_others_are_opened_then, shared) {
    auto const all = queue(10);
    open(1);
    BOOST_TEST(served.size() == 1U);
    BOOST_TEST(opened_for == 10U);
}

BOOST_FIXTURE_TEST_CASE(M22_a_further_connection_is_opened_when_the_streams_are_used_up, shared) {
    queue(5);
    auto& first = open(2);
    BOOST_TEST(served.size() == 2U);
    BOOST_TEST(opened_for == 3U); // for three that wait, at two each
    give_back(first);
    BOOST_TEST(served.size() == 3U); // the first that has room
    BOOST_TEST(first.in_use == 2U);
}

BOOST_FIXTURE_TEST_CASE(M23_who_needs_another_connection_gets_it_though_the_only_one_is_always_busy,
                        only_one) {
    queue(2);
    auto& first = open(10);
    core::pool_core::plan plan;
    auto& refused = waiter();
    refused.fresh_only = true;
    BOOST_TEST(pool.acquire(refused, now, plan, true));
    note(plan);
    auto const late = queue(1).front(); // is not served by the one that makes way
    BOOST_TEST(late->queued);
    give_back(first);
    BOOST_TEST(opened_for == 1U);
    give_back(first);
    BOOST_TEST(dropped == std::vector{&first});
    BOOST_TEST(opened_for == 2U);
    open(10);
    BOOST_TEST(served.back() == late);
    BOOST_TEST(!refused.queued);
}

BOOST_FIXTURE_TEST_CASE(M23_one_connection_after_the_other_makes_way, only_one) {
    queue(2);
    auto* one = &open(10);
    for (int round = 0; round < 3; ++round) {
        core::pool_core::plan plan;
        auto& refused = waiter();
        refused.fresh_only = true;
        BOOST_TEST(pool.acquire(refused, now, plan, true));
        note(plan);
        BOOST_TEST(one->drains);
        while (one->in_use != 0)
            give_back(*one);
        BOOST_TEST(dropped.back() == one);
        one = &open(10);
        BOOST_TEST(!refused.queued);
        queue(1);
    }
}

BOOST_FIXTURE_TEST_CASE(M23_one_connection_makes_way_for_several, shared) {
    core::pool_core small(limits(2), equinix::sts::retry_options(), false);
    core::pool_slot all[2]; // NOLINT: they stay where they are
    core::pool_core::plan plan;
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(small.acquire(waiter(), now, plan));
    for (auto& one : all) {
        one.capacity = 2;
        small.opened(one, now, plan);
    }
    BOOST_TEST(all[0].in_use + all[1].in_use == 3U);
    for (int i = 0; i < 2; ++i) {
        auto& refused = waiter();
        refused.fresh_only = true;
        BOOST_TEST(small.acquire(refused, now, plan));
        BOOST_TEST(int(all[0].drains) + int(all[1].drains) == 1);
    }
    plan.to.clear();
    test::empty(small);
}

BOOST_FIXTURE_TEST_CASE(M23_no_connection_makes_way_for_who_can_wait_for_it, only_one) {
    queue(2);
    auto const& full = open(2);
    auto const late = queue(1).front();
    BOOST_TEST(late->queued);
    BOOST_TEST(!full.drains);
}

BOOST_FIXTURE_TEST_CASE(M23_no_connection_makes_way_while_one_is_being_opened, shared) {
    core::pool_core small(limits(2), equinix::sts::retry_options(), false);
    core::pool_core::plan plan;
    core::pool_slot one;
    one.capacity = 2;
    BOOST_TEST(small.acquire(waiter(), now, plan));
    small.opened(one, now, plan);
    small.capacity_changed(one, 1, now, plan); // it is full
    for (int i = 0; i < 2; ++i) {
        auto& refused = waiter();
        refused.fresh_only = true;
        BOOST_TEST(small.acquire(refused, now, plan));
    }
    BOOST_TEST(small.opening() == 1U);
    BOOST_TEST(!one.drains);
    plan.to.clear();
    test::empty(small);
}

BOOST_FIXTURE_TEST_CASE(M18_a_connection_that_may_carry_more_is_fresh_for_all_who_have_waited_for_it,
                        shared) {
    for (int i = 0; i < 2; ++i) {
        core::pool_core::plan plan;
        auto& one = waiter();
        one.fresh_only = true;
        BOOST_TEST(pool.acquire(one, now, plan));
        note(plan);
    }
    auto& one = open(1);
    BOOST_TEST(served.size() == 1U);
    core::pool_core::plan plan;
    pool.capacity_changed(one, 2, now, plan);
    note(plan);
    BOOST_TEST(served.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_full_connection_takes_no_further_exchange_after_new_certificates, shared) {
    queue(2);
    auto& first = open(2);
    core::pool_core::plan plan;
    pool.drop_idle(plan);
    note(plan);
    auto const late = queue(1).front();
    give_back(first);
    BOOST_TEST(late->queued);
    give_back(first);
    BOOST_TEST(dropped == std::vector{&first});
}

BOOST_FIXTURE_TEST_CASE(a_connection_in_use_is_filled_before_an_idle_one, shared) {
    queue(3);
    auto &first = open(2), &second = open(2);
    BOOST_TEST(second.in_use == 1U);
    give_back(first);
    give_back(first);
    BOOST_TEST((first.is == state::idle));
    core::pool_core::plan plan;
    auto& late = waiter();
    BOOST_TEST(pool.acquire(late, now, plan));
    BOOST_TEST(late.slot == &second);
    note(plan);
}

BOOST_FIXTURE_TEST_CASE(M18_a_changed_limit_of_streams_applies_at_once, shared) {
    queue(3);
    auto& one = open(3);
    core::pool_core::plan less, more;
    pool.capacity_changed(one, 1, now, less);
    note(less);
    auto const waits = queue(2);
    give_back(one);
    give_back(one);
    BOOST_TEST(served.size() == 3U); // one of three is left, which is all that it may carry
    pool.capacity_changed(one, 2, now, more);
    note(more);
    BOOST_TEST(served.back() == waits.front());
    BOOST_TEST(one.in_use == 2U);
}

BOOST_FIXTURE_TEST_CASE(M3_a_connection_that_drains_carries_what_it_has_and_is_dropped_then, shared) {
    queue(2);
    auto& one = open(100);
    core::pool_core::plan plan;
    pool.drained(one, now, plan);
    note(plan);
    queue(1);
    BOOST_TEST(opened_for == 2U);
    give_back(one);
    BOOST_TEST(dropped.empty());
    give_back(one);
    BOOST_TEST((dropped == std::vector{&one}));
    BOOST_TEST(pool.open() == 0U);
}

BOOST_FIXTURE_TEST_CASE(M3_an_idle_connection_that_drains_is_dropped, shared) {
    queue(1);
    auto& one = open(100);
    give_back(one);
    core::pool_core::plan plan;
    pool.drained(one, now, plan);
    note(plan);
    BOOST_TEST((dropped == std::vector{&one}));
}

BOOST_FIXTURE_TEST_CASE(a_connection_that_is_too_old_takes_no_further_exchange, shared) {
    queue(2);
    auto& one = open(100);
    now += equinix::sts::pool_options().max_age;
    queue(1);
    BOOST_TEST(opened_for == 2U);
    give_back(one);
    give_back(one);
    BOOST_TEST((dropped == std::vector{&one}));
}

BOOST_FIXTURE_TEST_CASE(a_lost_connection_takes_all_that_it_carried_along, shared) {
    queue(3);
    auto& one = open(100);
    core::pool_core::plan plan;
    pool.lost(one, now, plan);
    note(plan);
    BOOST_TEST(pool.open() == 0U);
    BOOST_TEST(one.in_use == 0U);
    queue(1);
    BOOST_TEST(opened_for == 2U);
}

BOOST_FIXTURE_TEST_CASE(those_who_want_a_fresh_connection_share_one_that_was_opened_for_them, shared) {
    queue(3);
    open(100);
    served.clear();
    now += 1s;
    auto const before = opened_for;
    for (int i = 0; i < 3; ++i) {
        core::pool_core::plan plan;
        auto& one = waiter();
        one.fresh_only = true;
        BOOST_TEST(pool.acquire(one, now, plan, true));
        note(plan);
    }
    BOOST_TEST(served.empty());
    BOOST_TEST(opened_for == before + 1);
    open(100);
    BOOST_TEST(served.size() == 3U);
    for (auto const* const one : served)
        BOOST_TEST(!one->reused);
}

BOOST_FIXTURE_TEST_CASE(after_new_certificates_no_shared_connection_takes_a_further_exchange, shared) {
    queue(1);
    auto& one = open(100);
    core::pool_core::plan plan;
    pool.drop_idle(plan);
    note(plan);
    queue(1);
    BOOST_TEST(opened_for == 2U);
    give_back(one);
    BOOST_TEST((dropped == std::vector{&one}));
}

BOOST_AUTO_TEST_SUITE_END()
