// Connections that cannot be opened: which waiters fail, and when the next is opened.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"
#include "support/pool_core.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <deque>
#include <vector>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using test::limits;
using fixture = test::pool_core_fixture;

BOOST_AUTO_TEST_SUITE(pool_core)

BOOST_AUTO_TEST_CASE(fails_a_waiter_when_every_connect_under_way_at_its_coming_failed) {
    fixture f;
    auto& first = f.waiter();
    auto& second = f.waiter();
    core::pool_core::plan plan;
    f.pool.acquire(first, f.now, plan);
    f.pool.acquire(second, f.now, plan);
    BOOST_TEST(plan.open == 2U);

    core::pool_core::plan one;
    f.open_failed(one);
    BOOST_TEST(one.fail.size() == 1U);
    BOOST_TEST(&one.fail.front() == &first);
    BOOST_TEST(second.queued);
    core::pool_core::plan two;
    f.open_failed(two);
    BOOST_TEST(&two.fail.front() == &second);
    BOOST_TEST(f.pool.opening() == 0U);
    one.fail.clear();
    two.fail.clear();
}

BOOST_AUTO_TEST_CASE(one_failed_connect_among_many_fails_one_waiter_only) {
    fixture f(limits(64, 16));
    for (int i = 0; i < 100; ++i) {
        core::pool_core::plan plan;
        f.pool.acquire(f.waiter(), f.now, plan);
    }
    core::pool_core::plan plan;
    f.open_failed(plan);
    BOOST_TEST(plan.fail.size() == 1U);
    BOOST_TEST(plan.open == 1U); // another takes its place
    plan.fail.clear();
}

BOOST_AUTO_TEST_CASE(a_failed_connect_fails_nobody_while_an_open_one_will_come_back) {
    fixture f;
    auto& slot = f.leased();
    auto& waiter = f.waiter();
    core::pool_core::plan plan;
    f.pool.acquire(waiter, f.now, plan);
    core::pool_core::plan failed;
    f.open_failed(failed);
    BOOST_TEST(failed.fail.empty());
    core::pool_core::plan then;
    f.pool.returned(slot, f.now, then);
    BOOST_TEST(test::first_of(then) == &waiter);
}

BOOST_AUTO_TEST_CASE(a_failed_connect_fails_who_needs_a_fresh_one_whatever_else_is_open) {
    fixture f;
    auto& used = f.leased();
    f.leased();
    f.give_back(used);
    auto& waiter = f.waiter();
    waiter.fresh_only = true;
    core::pool_core::plan plan;
    f.pool.acquire(waiter, f.now, plan, true);
    core::pool_core::plan failed;
    f.open_failed(failed);
    BOOST_TEST(&failed.fail.front() == &waiter);
    failed.fail.clear();
}

BOOST_AUTO_TEST_CASE(G16_a_failed_connect_beside_an_open_one_is_tried_again_after_a_wait) {
    fixture f;
    f.leased();
    core::pool_core::plan plan;
    f.pool.acquire(f.waiter(), f.now, plan);
    core::pool_core::plan failed;
    f.open_failed(failed);
    BOOST_TEST(failed.open == 0U); // else a server that refuses at once would be asked again at once
    core::pool_core::plan later;
    f.pool.tick(f.now, later);
    BOOST_TEST(later.open == 0U);
    BOOST_TEST((f.pool.next_opening() == f.now + 150ms));
    f.now += 150ms;
    f.pool.tick(f.now, later);
    BOOST_TEST(later.open == 1U);
}

BOOST_AUTO_TEST_CASE(G16_tries_a_server_that_refuses_after_waits_that_grow_while_others_work) {
    fixture f(limits(64, 16));
    std::deque<core::pool_slot*> busy;
    for (int i = 0; i < 4; ++i)
        busy.push_back(&f.leased());
    std::vector<std::chrono::nanoseconds> begun; // after the first
    for (int i = 0; i < 100; ++i) {
        core::pool_core::plan plan;
        f.pool.acquire(f.waiter(), f.now, plan);
    }
    auto const fail_all = [&] {
        while (f.pool.opening() != 0) {
            core::pool_core::plan plan;
            f.open_failed(plan);
            BOOST_REQUIRE(plan.open == 0U);
            BOOST_REQUIRE(plan.fail.empty()); // an open connection will serve them
        }
    };
    fail_all();
    auto const start = f.now;
    for (int i = 0; i < 1000; ++i) {
        core::pool_core::plan plan, again, tick;
        f.now += 10ms;
        auto* const slot = busy.front();
        busy.pop_front();
        f.pool.returned(*slot, f.now, plan);
        busy.push_back(slot);
        f.pool.acquire(f.waiter(), f.now, again);
        f.pool.tick(f.now, tick);
        if (plan.open + again.open + tick.open != 0) begun.push_back(f.now - start);
        fail_all();
    }
    std::vector<std::chrono::nanoseconds> const expected = {150ms, 530ms, 1470ms, 3820ms, 6320ms, 8820ms};
    BOOST_TEST(begun == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(G16_a_waiter_whose_connect_failed_waits_for_the_next_opening) {
    fixture f;
    auto& waiter = f.waiter();
    core::pool_core::plan plan;
    f.pool.acquire(waiter, f.now, plan);
    core::pool_core::plan failed;
    f.open_failed(failed);
    BOOST_TEST(&failed.fail.front() == &waiter);
    failed.fail.clear();
    core::pool_core::plan again;
    BOOST_TEST(f.pool.acquire(waiter, f.now, again, true));
    BOOST_TEST(again.open == 0U);
    f.now = f.pool.next_opening();
    core::pool_core::plan tick;
    f.pool.tick(f.now, tick);
    BOOST_TEST(tick.open == 1U);
    core::pool_core::plan opened;
    f.pool.opened(f.slot(), f.now, opened);
    BOOST_TEST(test::first_of(opened) == &waiter);
}

BOOST_AUTO_TEST_CASE(G16_a_newcomer_does_not_wait_for_that) {
    fixture f;
    auto& unserved = f.waiter();
    core::pool_core::plan plan;
    f.pool.acquire(unserved, f.now, plan);
    core::pool_core::plan failed;
    f.open_failed(failed);
    failed.fail.clear();
    core::pool_core::plan again;
    f.pool.acquire(unserved, f.now, again, true);
    core::pool_core::plan newcomer;
    f.pool.acquire(f.waiter(), f.now, newcomer);
    BOOST_TEST(newcomer.open == 1U);
    core::pool_core::plan opened;
    f.pool.opened(f.slot(), f.now, opened);
    BOOST_TEST(test::first_of(opened) == &unserved); // whose turn it is
    BOOST_TEST(opened.open == 1U);
}

BOOST_AUTO_TEST_CASE(G16_a_newcomers_failure_is_not_that_of_those_who_wait_for_the_next_opening) {
    fixture f;
    auto& unserved = f.waiter();
    core::pool_core::plan plan, failed, again, newcomers, second;
    f.pool.acquire(unserved, f.now, plan);
    f.open_failed(failed);
    BOOST_TEST(!failed.early);
    failed.fail.clear();
    f.pool.acquire(unserved, f.now, again, true);
    auto& newcomer = f.waiter();
    f.pool.acquire(newcomer, f.now, newcomers);
    f.open_failed(second);
    BOOST_TEST(second.early);
    BOOST_TEST(second.fail.size() == 1U);
    BOOST_TEST(&second.fail.front() == &newcomer);
    second.fail.clear();
    f.now = f.pool.next_opening();
    core::pool_core::plan tick, third;
    f.pool.tick(f.now, tick);
    BOOST_TEST(tick.open == 1U);
    f.open_failed(third);
    BOOST_TEST(!third.early);
    BOOST_TEST(&third.fail.front() == &unserved);
    third.fail.clear();
}

BOOST_AUTO_TEST_CASE(G16_a_newcomer_that_needs_a_new_connection_does_not_wait_for_a_leased_one) {
    fixture f;
    f.leased();
    core::pool_core::plan plan, failed, fresh;
    f.pool.acquire(f.waiter(), f.now, plan);
    f.open_failed(failed);
    auto& waiter = f.waiter();
    waiter.fresh_only = true;
    f.pool.acquire(waiter, f.now, fresh, true);
    BOOST_TEST(fresh.open == 1U);
}

BOOST_AUTO_TEST_CASE(G16_connects_that_fail_together_count_as_one) {
    fixture f(limits(64, 16));
    for (int i = 0; i < 16; ++i) {
        core::pool_core::plan plan;
        f.pool.acquire(f.waiter(), f.now, plan);
    }
    for (int i = 0; i < 16; ++i) {
        core::pool_core::plan plan;
        f.open_failed(plan);
        plan.fail.clear();
    }
    BOOST_TEST((f.pool.opens_again_at() == f.now + 150ms));
}

BOOST_AUTO_TEST_CASE(G16_after_an_opening_that_succeeds_all_are_opened_at_once) {
    fixture f;
    core::pool_core::plan plan, again, tick, opened;
    for (int i = 0; i < 3; ++i)
        f.pool.acquire(f.waiter(), f.now, plan);
    while (f.pool.opening() != 0) {
        core::pool_core::plan failed;
        f.open_failed(failed);
        failed.fail.clear();
    }
    for (auto& waiter : f.waiters)
        f.pool.acquire(waiter, f.now, again, true);
    f.now = f.pool.next_opening();
    f.pool.tick(f.now, tick);
    BOOST_TEST(tick.open == 1U);
    f.pool.opened(f.slot(), f.now, opened);
    BOOST_TEST(opened.open == 2U);
}

BOOST_AUTO_TEST_CASE(opens_another_when_one_was_opened_in_vain) {
    fixture f;
    core::pool_core::plan plan;
    f.pool.acquire(f.waiter(), f.now, plan);
    core::pool_core::plan then;
    f.pool.open_wasted(f.now, then);
    BOOST_TEST(then.open == 1U);
    BOOST_TEST(then.fail.empty());
    BOOST_TEST(f.pool.waiting() == 1U);
}

BOOST_AUTO_TEST_CASE(G17_a_connection_makes_no_room_where_there_is_room) {
    fixture f(limits(2));
    auto& busy = f.leased();
    auto& careful = f.waiter();
    careful.fresh_only = true;
    core::pool_core::plan plan, failed, again, back;
    f.pool.acquire(careful, f.now, plan);
    BOOST_TEST(plan.open == 1U);
    f.open_failed(failed);
    BOOST_REQUIRE(&failed.fail.front() == &careful);
    failed.fail.clear();
    f.pool.acquire(careful, f.now, again, true);
    BOOST_TEST(again.open == 0U); // openings are spaced
    f.now = f.pool.opens_again_at();
    f.pool.returned(busy, f.now, back);
    BOOST_TEST(back.drop.empty());
    BOOST_TEST((busy.is == core::pool_slot::state::idle));
    BOOST_TEST(back.open == 1U);
}

BOOST_AUTO_TEST_CASE(G17_who_was_served_is_a_newcomer_again) {
    fixture f;
    auto& one = f.waiter();
    core::pool_core::plan plan, failed, again, opened;
    f.pool.acquire(one, f.now, plan);
    f.open_failed(failed);
    BOOST_TEST(one.unserved);
    failed.fail.clear();
    f.pool.acquire(one, f.now, again, true);
    f.now = f.pool.opens_again_at();
    core::pool_core::plan later;
    f.pool.tick(f.now, later);
    BOOST_TEST(later.open == 1U);
    f.pool.opened(f.slot(), f.now, opened);
    BOOST_TEST(test::first_of(opened) == &one);
    BOOST_TEST(!one.unserved);
}

BOOST_AUTO_TEST_SUITE_END()
