// The store for tests keeps the rules of a store, and does what it is told.
#include "support/checked_store.hpp"

#include <equinix/sts/testing/memory_store.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::testing::memory_store;
using sts::testing::store_fault;

namespace {

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
