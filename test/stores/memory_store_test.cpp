// The store for tests keeps the rules of a store, and does what it is told.
#include "support/checked_store.hpp"

#include <equinix/sts/testing/memory_store.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

using namespace test;
using namespace std::chrono_literals;
using sts::testing::memory_store;
using sts::testing::store_fault;

namespace {

/// Compares, and replaces a moment later.
class careless_store final : public sts::token_store {
public:
    asio::awaitable<sts::result<sts::stored_record>> look(std::string name,
                                                          sts::store_bounds within) override {
        if (throws) throw std::runtime_error("careless");
        return inner_->look(name, within);
    }
    asio::awaitable<sts::result<bool>> swap(std::string name, std::optional<std::string> expected,
                                            std::optional<std::string> desired,
                                            std::chrono::milliseconds life,
                                            sts::store_bounds within) override {
        auto const there = inner_->find(name).bytes;
        if (there == desired) co_return true;
        if (there != expected) co_return false;
        auto const executor = co_await asio::this_coro::executor;
        asio::steady_timer pause(executor, 3ms);
        co_await pause.async_wait(asio::use_awaitable);
        auto const now = inner_->find(name).bytes;
        auto const done = co_await inner_->swap(name, now, desired, life, within);
        co_return done;
    }
    asio::awaitable<sts::result<sts::store_lease>> acquire(std::string name, std::string owner,
                                                           std::chrono::milliseconds life,
                                                           sts::store_bounds within) override {
        return inner_->acquire(name, owner, life, within);
    }
    asio::awaitable<sts::result<bool>> renew(std::string name, std::string owner,
                                             std::chrono::milliseconds life,
                                             sts::store_bounds within) override {
        return inner_->renew(name, owner, life, within);
    }
    asio::awaitable<sts::result<bool>> release(std::string name, std::string owner,
                                               sts::store_bounds within) override {
        return inner_->release(name, owner, within);
    }
    std::string describe() const override { return "careless"; }

    bool throws = false;

private:
    std::shared_ptr<memory_store> const inner_ = std::make_shared<memory_store>();
};

struct fixture {
    std::shared_ptr<memory_store> const store = std::make_shared<memory_store>();
    sts::store_bounds const within;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(memory_store_, fixture)

BOOST_AUTO_TEST_CASE(it_keeps_the_rules_of_a_store) {
    BOOST_TEST(broken_rules(store, store) == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(store->names().empty());
    BOOST_TEST(store->leases() == 0U);
}

BOOST_AUTO_TEST_CASE(the_rules_are_broken_by_faults) {
    for (auto const* const command : {"look", "swap", "acquire", "renew", "release"}) {
        store->faults([command](std::string_view asked, auto) {
            return asked == command ? std::optional(store_fault()) : std::nullopt;
        });
        BOOST_TEST(!broken_rules(store, store).empty());
        store->clear();
    }
}

BOOST_AUTO_TEST_CASE(a_swap_in_two_steps_breaks_a_rule) {
    auto const careless = std::make_shared<careless_store>();
    auto const broken = broken_rules(careless, careless);
    BOOST_REQUIRE(!broken.empty());
    BOOST_TEST(broken.front() == "Of concurrent swaps that expect the same, one succeeds.");
}

BOOST_AUTO_TEST_CASE(a_store_that_throws_breaks_a_rule) {
    auto const careless = std::make_shared<careless_store>();
    careless->throws = true;
    auto const broken = broken_rules(careless, careless);
    BOOST_REQUIRE(broken.size() == 1U);
    BOOST_TEST(broken.front() == "A failure is returned as a value. The store has thrown: careless");
}

BOOST_AUTO_TEST_CASE(its_clock_can_be_moved) {
    BOOST_TEST(performed(store->swap("name", {}, "record", 1h, within)).value());
    store->advance(59min);
    BOOST_TEST(store->find("name").bytes.has_value());
    store->advance(1min);
    BOOST_TEST(!store->find("name").bytes.has_value());
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_of_a_command_that_was_done) {
    store->faults([](auto, auto) { return store_fault(store_fault::type::lost); });
    auto const got = performed(store->swap("name", {}, "record", 1h, within));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().kind == sts::error_kind::timeout);
    BOOST_TEST(store->find("name").bytes.value() == "record");
}

BOOST_AUTO_TEST_SUITE_END()
