// A cache's keys: which are in, and which one goes.
#include "core/cache_core.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <random>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace std::chrono_literals;

namespace {

struct entry : core::cache_key {
    explicit entry(std::uint64_t number) : cache_key({number, number}) {}
};

struct fixture {
    base::clock::time_point const now = base::clock::time_point() + 1000h;
    std::deque<entry> keys;
    core::cache_core core{3};

    ~fixture() {
        core.clear([](core::cache_key*) {});
    }

    entry& add(std::uint64_t number) {
        core.reserve();
        auto& one = keys.emplace_back(number);
        core.add(one);
        return one;
    }
    entry& idle(std::uint64_t number, std::chrono::seconds left) {
        auto& one = add(number);
        core.idle(one, now + left);
        return one;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(cache_core, fixture)

BOOST_AUTO_TEST_CASE(finds_what_is_in_by_its_digest) {
    auto& one = add(1);
    BOOST_TEST(core.find({1, 1}) == &one);
    BOOST_TEST(core.find({1, 2}) == nullptr); // the same hash
    core.remove(one);
    BOOST_TEST(core.find({1, 1}) == nullptr);
}

BOOST_AUTO_TEST_CASE(is_full_with_as_many_keys_as_are_allowed) {
    add(1);
    add(2);
    BOOST_TEST(!core.is_full());
    add(3);
    BOOST_TEST(core.is_full());
}

BOOST_AUTO_TEST_CASE(J10_a_key_that_is_busy_does_not_go) {
    auto& one = idle(1, 10s);
    BOOST_TEST(core.first_to_go(now) == &one);
    core.busy(one);
    BOOST_TEST(core.first_to_go(now) == nullptr);
}

BOOST_AUTO_TEST_CASE(J10_one_whose_token_is_over_goes_before_all_others) {
    idle(1, 10s);
    auto& over = idle(2, 5s);
    BOOST_TEST(core.first_to_go(now + 5s) == &over);
}

BOOST_AUTO_TEST_CASE(J10_of_those_that_are_over_the_first_to_end_goes) {
    idle(1, 4s);
    auto& first = idle(2, 3s);
    BOOST_TEST(core.first_to_go(now + 5s) == &first);
}

BOOST_AUTO_TEST_CASE(J10_else_the_least_recently_used_goes) {
    auto& first = idle(1, 10s);
    auto& second = idle(2, 5s);
    BOOST_TEST(core.first_to_go(now) == &first);
    core.used(first);
    BOOST_TEST(core.first_to_go(now) == &second);
}

BOOST_AUTO_TEST_CASE(one_without_a_token_is_over) {
    idle(1, 10s);
    auto& empty = add(2);
    core.idle(empty, base::clock::time_point::min());
    BOOST_TEST(core.first_to_go(now) == &empty);
}

BOOST_AUTO_TEST_CASE(idle_twice_is_idle_once) {
    auto& one = idle(1, 10s);
    core.idle(one, now);
    BOOST_TEST((one.end == now + 10s));
    core.busy(one);
    BOOST_TEST(core.first_to_go(now) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_table_that_grows_loses_no_key) {
    core::cache_core large(5000);
    std::vector<std::unique_ptr<entry>> all;
    for (std::uint64_t number = 0; number < 5000; ++number) {
        large.reserve();
        large.add(*all.emplace_back(std::make_unique<entry>(number)));
    }
    for (auto const& one : all)
        BOOST_REQUIRE(large.find(one->key) == one.get());
    large.clear([](core::cache_key*) {});
}

BOOST_AUTO_TEST_CASE(keeps_its_invariants_under_random_events) {
    std::minstd_rand random(7);
    for (int step = 0; step < 20000; ++step) {
        auto const number = random() % 6;
        auto* const one = core.find({number, number});
        switch (random() % 6) {
        case 0:
            if (one == nullptr && !core.is_full()) add(number);
            break;
        case 1:
            if (one != nullptr) core.idle(*one, now + std::chrono::seconds(random() % 10));
            break;
        case 2:
            if (one != nullptr) core.busy(*one);
            break;
        case 3:
            if (one != nullptr) core.used(*one);
            break;
        case 4:
            if (one != nullptr) core.remove(*one);
            break;
        default:
            auto* const goes = core.first_to_go(now + std::chrono::seconds(random() % 10));
            BOOST_REQUIRE((goes == nullptr || goes->idle));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
