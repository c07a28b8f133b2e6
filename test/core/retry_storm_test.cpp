// A thousand exchanges while no connection can be opened (cases G8 and G16 of doc/faults.md): the cores of
// the pool and of the exchanges together, in simulated time.
#include "base/failure.hpp"
#include "core/exchange_fsm.hpp"
#include "core/pool_core.hpp"
#include "support/pool_core.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <random>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fsm = core::exchange_fsm;

namespace {

struct caller : core::pool_waiter {
    fsm exchange;
    base::clock::time_point ended{};
};

/// A service that refuses connections for a while. Opening one takes a millisecond, an exchange another.
struct storm {
    base::clock::time_point const start = base::clock::time_point() + 1000h;
    base::clock::time_point now = start;
    retry_options retry;
    core::retry_budget budget{retry.budget};
    core::pool_core pool{pool_options(), retry};
    std::deque<caller> callers;
    std::deque<core::pool_slot> slots;
    std::minstd_rand random{20261126}; // NOLINT: the same run each time
    std::chrono::nanoseconds refuses_for;
    std::size_t opening = 0, connects = 0;
    unsigned least_budget = budget.left();
    bool is_paid = false; // the next opening
    std::deque<core::pool_slot*> busy;

    explicit storm(std::chrono::nanoseconds refuses) : refuses_for(refuses) {}
    ~storm() { test::empty(pool); }
    storm(storm const&) = delete;
    storm& operator=(storm const&) = delete;

    /// This many callers, one after another in `within`.
    void run(std::size_t how_many, std::chrono::nanoseconds within = 0ns) {
        for (; now < start + within + 31s; now += 1ms) {
            while (callers.size() < how_many &&
                   now >= start + within / static_cast<long>(how_many) * static_cast<long>(callers.size())) {
                auto& one = callers.emplace_back();
                one.deadline = now + 30s;
                one.exchange = fsm(now, one.deadline);
                advance(one, fsm::event{fsm::event::type::started});
            }
            step();
        }
    }

    void step() {
        core::pool_core::plan tick;
        pool.tick(now, tick);
        carry_out(tick, base::deadline_is_over(phase::queue));
        for (auto done = std::exchange(busy, {}); !done.empty(); done.pop_front()) {
            core::pool_core::plan plan;
            pool.returned(*done.front(), now, plan);
            carry_out(plan, error_info());
        }
        for (auto ended = std::exchange(opening, 0); ended != 0; --ended) {
            core::pool_core::plan plan;
            if (now < start + refuses_for) {
                pool.open_failed(now, static_cast<std::uint32_t>(random()) * 2, plan);
                if (!plan.early) is_paid = false;
            } else {
                pool.opened(slots.emplace_back(), now, plan);
            }
            carry_out(plan, base::failure(error_kind::connect, phase::connect, "refused"));
        }
    }

    void carry_out(core::pool_core::plan& plan, error_info const& why) {
        opening += plan.open;
        connects += plan.open;
        plan.drop.clear();
        while (!plan.to.empty()) {
            auto& one = static_cast<caller&>(plan.to.front());
            plan.to.pop_front();
            advance(one, fsm::event{fsm::event::type::leased});
            one.exchange.request_sent();
            busy.push_back(one.slot);
            advance(one, fsm::event{fsm::event::type::answered});
        }
        while (!plan.fail.empty()) {
            auto& one = static_cast<caller&>(plan.fail.front());
            plan.fail.pop_front();
            auto copy = why;
            fsm::event unserved{fsm::event::type::unserved};
            unserved.why = &copy;
            advance(one, unserved);
        }
    }

    void advance(caller& one, fsm::event what) {
        what.now = now;
        what.random = static_cast<std::uint32_t>(random()) * 2;
        if (what.is == fsm::event::type::classified) what.pays = !is_paid;
        auto const next = one.exchange.resume(what, {retry, 10s, budget, false, pool.opening() != 0});
        if (budget.left() < least_budget) is_paid = true;
        least_budget = std::min(least_budget, budget.left());
        if (next == fsm::action::judge) return advance(one, fsm::event{fsm::event::type::classified});
        if (next == fsm::action::pause) return advance(one, fsm::event{fsm::event::type::pause_over});
        if (next == fsm::action::finish) one.ended = now;
        if (next != fsm::action::acquire) return;
        core::pool_core::plan plan;
        BOOST_REQUIRE(pool.acquire(one, now, plan, one.exchange.has_waited()));
        carry_out(plan, error_info());
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(retry_storm)

BOOST_AUTO_TEST_CASE(G16_a_service_that_starts_late_gets_few_connects_and_serves_all) {
    storm all(10s);
    all.run(1000);
    for (auto const& one : all.callers) {
        BOOST_REQUIRE(one.exchange.failure() == nullptr);
        BOOST_REQUIRE((one.ended < all.start + 16s));
    }
    BOOST_TEST_MESSAGE(all.connects << " connects, least budget " << all.least_budget);
    BOOST_TEST(all.connects < 31U + 10U + 64U); // the first wave, one at a time, and those that serve
    BOOST_TEST(all.least_budget > 250U);
}

BOOST_AUTO_TEST_CASE(G16_callers_that_come_one_after_another_do_not_use_up_the_budget) {
    storm all(10s);
    all.run(200, 10s);
    for (auto const& one : all.callers)
        BOOST_REQUIRE(one.exchange.failure() == nullptr);
    BOOST_TEST_MESSAGE(all.connects << " connects, least budget " << all.least_budget);
    BOOST_TEST(all.connects < 200U + 10U + 64U); // one a caller, and the spaced ones
    BOOST_TEST(all.least_budget > 400U);
}

BOOST_AUTO_TEST_CASE(G16_against_one_that_never_starts_each_ends_at_its_deadline_with_the_cause) {
    storm all(1h);
    all.run(1000);
    for (auto const& one : all.callers) {
        BOOST_REQUIRE(one.exchange.failure() != nullptr);
        BOOST_REQUIRE(one.exchange.failure()->kind == error_kind::connect);
        BOOST_REQUIRE((one.ended == all.start + 30s));
    }
    BOOST_TEST_MESSAGE(all.connects << " connects, least budget " << all.least_budget);
    BOOST_TEST(all.connects < 31U + 15U);
    BOOST_TEST(all.least_budget > 250U);
}

BOOST_AUTO_TEST_SUITE_END()
