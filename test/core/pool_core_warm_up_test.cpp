// Connections that are opened before an exchange needs them.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>

namespace core = equinix::sts::core;
using test::limits;
using fixture = test::pool_core_fixture;

BOOST_AUTO_TEST_SUITE(pool_core)

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

BOOST_AUTO_TEST_CASE(forgets_what_there_was_no_room_for) {
    fixture f(limits(2));
    core::pool_core::plan plan;
    f.pool.warm_up(10, f.now, plan);
    core::pool_slot *first = nullptr, *last = nullptr;
    for (int i = 0; i < 2; ++i) {
        last = &f.slot();
        if (first == nullptr) first = last;
        f.pool.opened(*last, f.now, plan);
    }
    BOOST_TEST(!f.pool.is_opening());
    core::pool_core::plan then;
    f.pool.drained(*last, f.now, then);
    BOOST_TEST(then.open == 0U);
    f.pool.drained(*first, f.now, then);
    BOOST_TEST(then.open == 0U);
    then.drop.clear();
}

BOOST_FIXTURE_TEST_CASE(leaves_a_connection_alone_that_several_share, test::shared_pool_core_fixture) {
    core::pool_core small(limits(1), equinix::sts::retry_options(), false);
    core::pool_core::plan plan;
    core::pool_slot one;
    one.capacity = 10;
    BOOST_TEST(small.acquire(waiter(), now, plan));
    small.opened(one, now, plan);
    small.warm_up(2, now, plan);
    BOOST_TEST(!one.drains);
    BOOST_TEST(plan.open == 1U);
    plan.to.clear();
    test::empty(small);
}

BOOST_AUTO_TEST_SUITE_END()
