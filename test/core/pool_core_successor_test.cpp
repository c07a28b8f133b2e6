// The successor of a connection that its server ends after so many exchanges.
#include "core/pool_core.hpp"
#include "core/pool_core_fixture.hpp"
#include "support/pool_core.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <vector>

namespace core = equinix::sts::core;
using shared = test::shared_pool_core_fixture;

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

BOOST_AUTO_TEST_SUITE(pool_core)

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

BOOST_AUTO_TEST_SUITE_END()
