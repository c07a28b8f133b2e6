// A pool's bookkeeping with a clock of its own, driven step by step.
#pragma once

#include "core/pool_core.hpp"
#include "support/pool_core.hpp"

#include <equinix/sts/options.hpp>
#include <equinix/sts/retry.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;

/// A pool whose connections carry one exchange at a time.
struct pool_core_fixture {
    using state = core::pool_slot::state;

    explicit pool_core_fixture(equinix::sts::pool_options const& limits = equinix::sts::pool_options())
        : pool(limits, equinix::sts::retry_options()) {}
    ~pool_core_fixture() { empty(pool); }
    pool_core_fixture(pool_core_fixture const&) = delete;
    pool_core_fixture& operator=(pool_core_fixture const&) = delete;

    core::pool_waiter& waiter(std::chrono::nanoseconds deadline = std::chrono::hours(1)) {
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
    base::clock::time_point now = base::clock::time_point() + std::chrono::hours(1000);
    core::pool_core pool;
};

/// A pool whose connections may carry several exchanges.
struct shared_pool_core_fixture : pool_core_fixture {
    explicit shared_pool_core_fixture(equinix::sts::pool_options const& limits = equinix::sts::pool_options())
        : pool_core_fixture(limits), pool(limits, equinix::sts::retry_options(), false) {}
    ~shared_pool_core_fixture() { empty(pool); }
    shared_pool_core_fixture(shared_pool_core_fixture const&) = delete;
    shared_pool_core_fixture& operator=(shared_pool_core_fixture const&) = delete;

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

inline equinix::sts::pool_options limits(std::size_t connections, std::size_t opening = 16,
                                         std::size_t waiters = 4096) {
    equinix::sts::pool_options made;
    made.max_connections = connections;
    made.max_opening = opening;
    made.max_waiters = waiters;
    return made;
}

} // namespace test
