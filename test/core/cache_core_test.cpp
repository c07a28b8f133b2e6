// A cache's keys: which are in, and which one goes.
#include "core/cache_core.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace std::chrono_literals;

namespace {

struct entry : core::cache_key {
    explicit entry(std::uint64_t number) : cache_key({number, number}) {}

    bool used = false;
};

struct fixture {
    base::clock::time_point const now = base::clock::time_point() + 1000h;
    std::deque<entry> keys;
    core::cache_core core{4};

    ~fixture() {
        core.clear([](core::cache_key*) {});
    }

    entry& add(std::uint64_t number) {
        auto& one = keys.emplace_back(number);
        core.reserve(one.key);
        core.add(one);
        return one;
    }
    entry& idle(std::uint64_t number, std::chrono::seconds left) {
        auto& one = add(number);
        core.idle(one, now + left);
        return one;
    }
    core::cache_key* first_to_go(base::clock::time_point at) {
        return core.first_to_go(
            at, [](core::cache_key& one) { return std::exchange(static_cast<entry&>(one).used, false); });
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
    add(3);
    BOOST_TEST(!core.is_full());
    add(4);
    BOOST_TEST(core.is_full());
}

BOOST_AUTO_TEST_CASE(J10_a_key_that_is_busy_does_not_go) {
    auto& one = idle(1, 10s);
    BOOST_TEST(first_to_go(now) == &one);
    core.busy(one);
    BOOST_TEST(first_to_go(now) == nullptr);
}

BOOST_AUTO_TEST_CASE(J10_one_whose_token_is_over_goes_before_all_others) {
    idle(1, 10s);
    auto& over = idle(2, 5s);
    BOOST_TEST(first_to_go(now + 5s) == &over);
}

BOOST_AUTO_TEST_CASE(J10_of_those_that_are_over_the_first_to_end_goes) {
    idle(1, 4s);
    auto& first = idle(2, 3s);
    BOOST_TEST(first_to_go(now + 5s) == &first);
}

BOOST_AUTO_TEST_CASE(J10_else_the_oldest_goes_that_was_not_used) {
    auto& first = idle(1, 10s);
    auto& second = idle(2, 5s);
    BOOST_TEST(first_to_go(now) == &first);
    first.used = true;
    BOOST_TEST(first_to_go(now) == &second);
}

BOOST_AUTO_TEST_CASE(J10_the_hand_goes_on_where_it_was) {
    auto& first = idle(1, 10s);
    auto& second = idle(2, 10s);
    auto& third = idle(3, 10s);
    auto& fourth = idle(4, 10s);
    first.used = second.used = true;
    BOOST_TEST(first_to_go(now) == &third);
    core.remove(third);
    BOOST_TEST(first_to_go(now) == &fourth); // behind the hand are those that were used
    core.remove(fourth);
    BOOST_TEST(first_to_go(now) == &first); // it begins again
}

BOOST_AUTO_TEST_CASE(J10_where_all_were_used_the_oldest_goes) {
    auto& first = idle(1, 10s);
    auto& second = idle(2, 10s);
    first.used = second.used = true;
    BOOST_TEST(first_to_go(now) == &first);
    BOOST_TEST(core.first_to_go(now, [](core::cache_key&) { return true; }) != nullptr); // used all the time
}

BOOST_AUTO_TEST_CASE(one_without_a_token_is_over) {
    idle(1, 10s);
    auto& empty = add(2);
    core.idle(empty, base::clock::time_point::min());
    BOOST_TEST(first_to_go(now) == &empty);
}

BOOST_AUTO_TEST_CASE(idle_twice_is_idle_once) {
    auto& one = idle(1, 10s);
    core.idle(one, now);
    BOOST_TEST((one.end == now + 10s));
    core.busy(one);
    BOOST_TEST(first_to_go(now) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_table_that_grows_loses_no_key) {
    core::cache_core large(5000);
    std::vector<std::unique_ptr<entry>> all;
    for (std::uint64_t number = 0; number < 5000; ++number) {
        large.reserve({number, number});
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
            if (one != nullptr) static_cast<entry&>(*one).used = true;
            break;
        case 4:
            if (one != nullptr) core.remove(*one);
            break;
        default:
            auto* const goes = first_to_go(now + std::chrono::seconds(random() % 10));
            BOOST_REQUIRE((goes == nullptr || goes->idle));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
