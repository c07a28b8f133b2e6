// What a timeout, an error or an address that fails says of the other connections.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"
#include "support/pool_core.hpp"

#include <boost/test/unit_test.hpp>

namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using fixture = test::pool_core_fixture;
using state = core::pool_slot::state;

BOOST_AUTO_TEST_SUITE(pool_core)

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

BOOST_AUTO_TEST_CASE(E16_one_that_brought_an_error_stays_until_a_new_connection_has_served_well) {
    fixture f;
    auto& used = f.leased();
    auto& also_sick = f.leased();
    auto& sick = f.leased();
    f.give_back(used);
    core::pool_core::plan plan;
    f.pool.acquire(f.waiter(), f.now, plan);
    BOOST_REQUIRE(test::slot_of(plan) == &used);
    sick.suspect = also_sick.suspect = true;
    f.give_back(sick);
    f.give_back(used); // for the second time
    BOOST_TEST((sick.is == state::idle));
    f.give_back(also_sick);
    BOOST_TEST((sick.is == state::idle));
}

BOOST_AUTO_TEST_SUITE_END()
