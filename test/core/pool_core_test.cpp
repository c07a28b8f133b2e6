#include "core/pool_core.hpp"
#include "support/pool_core.hpp"
#include "support/pool_events.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <random>
#include <string>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using state = core::pool_slot::state;

namespace {

/// A pool with a clock of its own.
struct fixture {
    explicit fixture(equinix::sts::pool_options const& limits = equinix::sts::pool_options())
        : pool(limits, equinix::sts::retry_options()) {}
    ~fixture() { test::empty(pool); }
    fixture(fixture const&) = delete;
    fixture& operator=(fixture const&) = delete;

    core::pool_waiter& waiter(std::chrono::nanoseconds deadline = 1h) {
        auto& made = waiters.emplace_back();
        made.deadline = now + deadline;
        return made;
    }
    core::pool_slot& slot() { return slots.emplace_back(); }

    /// Makes a connection that is leased to a waiter.
    core::pool_slot& leased() {
        core::pool_core::plan plan;
        BOOST_REQUIRE(pool.acquire(waiter(), now, plan));
        BOOST_REQUIRE(plan.open == 1U);
        auto& made = slot();
        core::pool_core::plan then;
        pool.opened(made, now, then);
        BOOST_REQUIRE((made.is == state::leased));
        return made;
    }

    /// Gives a connection back and expects it to be idle.
    void give_back(core::pool_slot& used) {
        core::pool_core::plan plan;
        pool.returned(used, now, plan);
        BOOST_REQUIRE((used.is == state::idle));
    }

    void open_failed(core::pool_core::plan& out) { pool.open_failed(now, 0, out); }

    std::deque<core::pool_waiter> waiters;
    std::deque<core::pool_slot> slots;
    base::clock::time_point now = base::clock::time_point() + 1000h;
    core::pool_core pool;
};

equinix::sts::pool_options limits(std::size_t connections, std::size_t opening = 16,
                                  std::size_t waiters = 4096) {
    equinix::sts::pool_options made;
    made.max_connections = connections;
    made.max_opening = opening;
    made.max_waiters = waiters;
    return made;
}

} // namespace

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

BOOST_AUTO_TEST_CASE(warms_up_to_a_number_and_opens_no_more) {
    fixture f(limits(10, 3));
    core::pool_core::plan plan;
    f.pool.warm_up(5, f.now, plan);
    BOOST_TEST(plan.open == 3U);
    BOOST_TEST(f.pool.is_opening());
    std::size_t total = plan.open;
    while (f.pool.opening() != 0) {
        core::pool_core::plan then;
        f.pool.opened(f.slot(), f.now, then);
        total += then.open;
    }
    BOOST_TEST(total == 5U);
    BOOST_TEST(f.pool.idle() == 5U);
    BOOST_TEST(!f.pool.is_opening());
    core::pool_core::plan again;
    f.pool.warm_up(5, f.now, again);
    BOOST_TEST(again.open == 0U);
}

BOOST_AUTO_TEST_CASE(warms_up_within_its_limit_and_stops_when_told) {
    fixture f(limits(2, 16));
    core::pool_core::plan plan;
    f.pool.warm_up(100, f.now, plan);
    BOOST_TEST(plan.open == 2U);

    fixture g(limits(10, 1));
    core::pool_core::plan one;
    g.pool.warm_up(5, g.now, one);
    BOOST_TEST(one.open == 1U);
    g.pool.stop_warming();
    core::pool_core::plan failed;
    g.open_failed(failed);
    BOOST_TEST(failed.open == 0U);
    BOOST_TEST(!g.pool.is_opening());
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

BOOST_AUTO_TEST_CASE(E15_after_a_timeout_those_that_are_as_old_do_not_serve) {
    fixture f;
    auto& older = f.leased();
    auto& silent = f.leased();
    auto& newer = f.leased();
    f.give_back(older);
    f.now += 1s;
    f.give_back(silent);
    core::pool_core::plan plan;
    f.pool.acquire(f.waiter(), f.now, plan);
    BOOST_TEST(test::slot_of(plan) == &silent);
    f.now += 10s;
    f.give_back(newer);
    core::pool_core::plan timed_out;
    f.pool.doubt(silent, timed_out);
    f.pool.lost(silent, f.now, timed_out);
    BOOST_TEST(timed_out.drop.size() == 1U);
    BOOST_TEST(&timed_out.drop.front() == &older);
    BOOST_TEST((newer.is == state::idle)); // it has answered since
    timed_out.drop.clear();
}

BOOST_AUTO_TEST_CASE(E15_a_timeout_on_a_new_connection_says_nothing_of_the_others) {
    fixture f;
    auto& idle = f.leased();
    auto& fresh = f.leased();
    f.give_back(idle);
    f.now += 10s;
    core::pool_core::plan plan;
    f.pool.doubt(fresh, plan);
    BOOST_TEST(plan.drop.empty());
}

BOOST_AUTO_TEST_CASE(E16_a_connection_that_brought_an_error_serves_after_the_others) {
    fixture f;
    auto& good = f.leased();
    auto& sick = f.leased();
    f.give_back(good);
    sick.suspect = true;
    f.give_back(sick);
    core::pool_core::plan plan, then;
    f.pool.acquire(f.waiter(), f.now, plan);
    BOOST_TEST(test::slot_of(plan) == &good);
    f.pool.acquire(f.waiter(), f.now, then);
    BOOST_TEST(test::slot_of(then) == &sick);
}

BOOST_AUTO_TEST_CASE(E16_and_goes_once_a_new_one_has_served_well) {
    fixture f;
    auto& sick = f.leased();
    auto& fresh = f.leased();
    sick.suspect = true;
    f.give_back(sick);
    core::pool_core::plan plan;
    f.pool.returned(fresh, f.now, plan);
    BOOST_TEST(plan.drop.size() == 1U);
    BOOST_TEST(&plan.drop.front() == &sick);
    BOOST_TEST((fresh.is == state::idle));
    plan.drop.clear();
}

BOOST_AUTO_TEST_CASE(G18_drops_what_leads_to_an_address) {
    fixture f;
    auto& here = f.leased();
    auto& there = f.leased();
    there.address[15] = 1;
    f.give_back(here);
    f.give_back(there);
    core::pool_core::plan plan;
    f.pool.drop_idle_at(there.address, plan);
    BOOST_TEST(plan.drop.size() == 1U);
    BOOST_TEST(&plan.drop.front() == &there);
    plan.drop.clear();
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

// ---- connections that carry several exchanges -------------------------------------------------------------

namespace {

/// A pool whose connections may carry several exchanges.
struct shared : fixture {
    explicit shared(equinix::sts::pool_options const& limits = equinix::sts::pool_options())
        : fixture(limits), pool(limits, equinix::sts::retry_options(), false) {}
    ~shared() { test::empty(pool); }

    std::vector<core::pool_waiter*> queue(std::size_t count) {
        std::vector<core::pool_waiter*> all;
        for (std::size_t i = 0; i < count; ++i) {
            core::pool_core::plan plan;
            all.push_back(&waiter());
            BOOST_REQUIRE(pool.acquire(*all.back(), now, plan));
            opened_for += plan.open;
        }
        return all;
    }
    core::pool_slot& open(std::size_t capacity) {
        auto& made = slot();
        made.capacity = capacity;
        core::pool_core::plan plan;
        pool.opened(made, now, plan);
        note(plan);
        return made;
    }
    void give_back(core::pool_slot& used) {
        core::pool_core::plan plan;
        pool.returned(used, now, plan);
        note(plan);
    }
    void note(core::pool_core::plan& plan) {
        opened_for += plan.open;
        for (; !plan.to.empty(); plan.to.pop_front())
            served.push_back(&plan.to.front());
        for (; !plan.drop.empty(); plan.drop.pop_front())
            dropped.push_back(&plan.drop.front());
    }

    std::size_t opened_for = 0;
    std::vector<core::pool_waiter*> served;
    std::vector<core::pool_slot*> dropped;
    core::pool_core pool;
};

} // namespace

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

namespace {

/// The connections of a server that ends each after so many exchanges.
struct ended_after : shared {
    void use(core::pool_slot& one, std::size_t times) {
        for (; times != 0; --times) {
            core::pool_core::plan plan;
            BOOST_REQUIRE(pool.acquire(waiter(), now, plan));
            BOOST_REQUIRE(test::slot_of(plan) == &one);
            note(plan);
            give_back(one);
        }
    }
    core::pool_slot& first() {
        queue(1);
        auto& one = open(100);
        give_back(one);
        return one;
    }
    void end(core::pool_slot& one) {
        core::pool_core::plan plan;
        pool.peer_ends(one);
        pool.drained(one, now, plan);
        note(plan);
    }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(M26_the_successor_of_a_connection_is_opened_before_the_server_ends_it, ended_after) {
    auto& one = first();
    use(one, 999);
    end(one);
    BOOST_TEST(dropped == std::vector{&one});
    queue(1);
    BOOST_TEST(opened_for == 2U);
    auto& other = open(100);
    queue(1); // so that it does not rest
    use(other, 747);
    BOOST_TEST(opened_for == 2U);
    use(other, 1);
    BOOST_TEST(opened_for == 3U);
    auto& next = open(100);
    use(other, 100); // it goes on until the server ends it
    end(other);
    core::pool_core::plan plan;
    BOOST_TEST(pool.acquire(waiter(), now, plan));
    BOOST_TEST(test::slot_of(plan) == &next);
    note(plan);
    BOOST_TEST(opened_for == 3U);
}

BOOST_FIXTURE_TEST_CASE(M26_a_server_that_ends_a_connection_for_another_reason_teaches_nothing, ended_after) {
    auto& one = first();
    use(one, 10);
    end(one);
    queue(1);
    auto& other = open(100);
    queue(1);
    use(other, 1000);
    BOOST_TEST(opened_for == 2U);
}

BOOST_FIXTURE_TEST_CASE(M26_a_server_that_ends_connections_no_longer_is_believed, ended_after) {
    auto& one = first();
    use(one, 99);
    end(one);
    queue(1);
    auto& other = open(10);
    queue(1);
    use(other, 100);
    BOOST_TEST(opened_for == 3U);
    auto& next = open(10);
    use(other, 100); // beyond what was learned
    end(next);
    use(other, 1000);
    BOOST_TEST(opened_for == 3U);
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
