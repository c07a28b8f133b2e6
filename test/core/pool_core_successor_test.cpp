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
    /// The server has ended one connection after a hundred exchanges. The next one has carried so many, and
    /// never rests.
    core::pool_slot& second(std::size_t capacity, std::size_t times) {
        auto& one = first();
        use(one, 99);
        end(one);
        queue(1);
        auto& other = open(capacity);
        queue(1);
        use(other, times - 2);
        BOOST_REQUIRE(other.uses == times);
        return other;
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

BOOST_AUTO_TEST_CASE(M26_it_is_believed_until_a_connection_has_carried_more_than_it_could_hold_besides) {
    for (std::size_t const beyond : {0U, 1U}) {
        ended_after on;
        auto& other = on.second(10, 75);
        auto& next = on.open(10);
        on.use(other, 35 + beyond);
        core::pool_core::plan plan;
        on.pool.lost(other, on.now, plan);
        on.note(plan);
        auto const before = on.opened_for;
        on.queue(1);
        on.use(next, 74);
        BOOST_TEST(on.opened_for == before + (beyond == 0 ? 1U : 0U));
    }
}

BOOST_AUTO_TEST_CASE(M26_fifty_exchanges_teach_and_fewer_do_not) {
    for (std::size_t const times : {49U, 50U}) {
        ended_after on;
        auto& one = on.first();
        on.use(one, times - 1);
        on.end(one);
        on.queue(1);
        auto& other = on.open(100);
        on.queue(1);
        auto const before = on.opened_for;
        on.use(other, 38 - 2);
        BOOST_TEST(on.opened_for == before + (times == 50 ? 1U : 0U));
    }
}

BOOST_FIXTURE_TEST_CASE(M26_a_connection_with_one_exchange_at_a_time_has_no_successor, ended_after) {
    auto& one = first();
    use(one, 99);
    end(one);
    queue(1);
    auto& other = open(1);
    give_back(other);
    auto const before = opened_for;
    use(other, 200);
    BOOST_TEST(opened_for == before);
}

BOOST_FIXTURE_TEST_CASE(M26_no_successor_is_opened_while_another_connection_rests, ended_after) {
    auto& one = second(10, 74);
    core::pool_core::plan plan;
    pool.warm_up(2, now, plan);
    note(plan);
    auto const& other = open(10);
    BOOST_TEST((other.is == core::pool_slot::state::idle));
    auto const before = opened_for;
    use(one, 1);
    BOOST_TEST(opened_for == before);
}

BOOST_FIXTURE_TEST_CASE(M26_no_successor_is_opened_while_another_connection_has_room, ended_after) {
    auto& one = second(10, 73);
    queue(1);
    core::pool_core::plan plan;
    auto& careful = waiter();
    careful.fresh_only = true;
    BOOST_TEST(pool.acquire(careful, now, plan));
    note(plan);
    auto const& other = open(10);
    BOOST_TEST(other.in_use == 1U);
    give_back(one); // it is the next one to be taken
    auto const before = opened_for;
    queue(1);
    BOOST_TEST(one.uses == 75U);
    BOOST_TEST(opened_for == before);
}

BOOST_FIXTURE_TEST_CASE(M26_no_successor_is_opened_while_another_connection_is_being_opened, ended_after) {
    auto& one = second(10, 74);
    core::pool_core::plan plan;
    auto& careful = waiter();
    careful.fresh_only = true;
    BOOST_TEST(pool.acquire(careful, now, plan));
    note(plan);
    auto const before = opened_for;
    use(one, 1);
    BOOST_TEST(opened_for == before);
}

BOOST_AUTO_TEST_SUITE_END()
