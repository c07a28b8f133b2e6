// Which key a full cache evicts: against a model, and how many hits that brings, beside the least recently
// used.
#include "core/cache_core.hpp"
#include "support/cache_events.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace std::chrono_literals;
using test::cached_number;
using test::was_used;

namespace {

/// A cache that keeps so many keys, without ends.
class sieve {
public:
    explicit sieve(std::size_t size) : core_(size) {}
    sieve(sieve const&) = delete;
    sieve& operator=(sieve const&) = delete;
    ~sieve() {
        core_.clear([](core::cache_key* one) { delete static_cast<cached_number*>(one); });
    }

    /// Whether the key is there; it is afterwards.
    bool get(std::uint64_t number) {
        auto made = std::make_unique<cached_number>(number);
        if (auto* const known = static_cast<cached_number*>(core_.find(made->key))) {
            known->used = true;
            return true;
        }
        if (core_.is_full()) {
            auto* const goes = static_cast<cached_number*>(core_.first_to_go({}, was_used));
            core_.remove(*goes);
            delete goes;
        }
        core_.reserve(made->key);
        core_.add(*made);
        core_.idle(*made.release(), base::clock::time_point::max());
        return false;
    }

private:
    core::cache_core core_;
};

class least_recently_used {
public:
    explicit least_recently_used(std::size_t size) : size_(size) {}

    bool get(std::uint64_t number) {
        auto const known = places_.find(number);
        if (known != places_.end()) {
            order_.splice(order_.end(), order_, known->second);
            return true;
        }
        if (order_.size() == size_) {
            places_.erase(order_.front());
            order_.pop_front();
        }
        places_[number] = order_.insert(order_.end(), number);
        return false;
    }

private:
    std::size_t const size_;
    std::list<std::uint64_t> order_;
    std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> places_;
};

/// Numbers of which the n-th is asked for in proportion to 1 / n^skew.
std::vector<std::uint64_t> zipf(std::size_t keys, double skew, std::size_t count) {
    std::vector<double> sums;
    double sum = 0;
    for (std::size_t i = 1; i <= keys; ++i)
        sums.push_back(sum += 1 / std::pow(static_cast<double>(i), skew));
    std::mt19937_64 dice(11);
    std::uniform_real_distribution<double> any(0, sum);
    std::vector<std::uint64_t> trace;
    for (std::size_t i = 0; i < count; ++i)
        trace.push_back(static_cast<std::uint64_t>(
            std::distance(sums.begin(), std::lower_bound(sums.begin(), sums.end(), any(dice)))));
    return trace;
}

/// The same, and after each thousand a thousand keys that are asked for once.
std::vector<std::uint64_t> with_scans(std::vector<std::uint64_t> const& trace) {
    std::vector<std::uint64_t> out;
    std::uint64_t fresh = 1'000'000;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        out.push_back(trace[i]);
        if (i % 1000 == 999)
            for (int j = 0; j < 1000; ++j)
                out.push_back(fresh++);
    }
    return out;
}

template <class Cache>
double hit_ratio(std::size_t size, std::vector<std::uint64_t> const& trace) {
    Cache cache(size);
    std::size_t hits = 0;
    for (auto const number : trace)
        hits += cache.get(number) ? 1 : 0;
    return static_cast<double>(hits) / static_cast<double>(trace.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(cache_policy)

BOOST_AUTO_TEST_CASE(does_what_the_model_does_under_random_events) {
    std::mt19937 dice(3);
    for (int run = 0; run < 20; ++run) {
        std::string choices(9000, '\0');
        for (auto& one : choices)
            one = static_cast<char>(dice());
        BOOST_CHECK_NO_THROW(test::cache_events(test::byte_source(choices)).run());
    }
}

BOOST_AUTO_TEST_CASE(has_more_hits_than_the_least_recently_used_where_some_keys_are_asked_for_more_often) {
    for (double const skew : {0.8, 1.0, 1.2}) {
        auto const trace = zipf(10'000, skew, 200'000);
        auto const ours = hit_ratio<sieve>(500, trace), theirs = hit_ratio<least_recently_used>(500, trace);
        BOOST_TEST_MESSAGE("Zipf " << skew << ": " << ours << ", least recently used " << theirs);
        BOOST_TEST(ours > theirs);
    }
}

BOOST_AUTO_TEST_CASE(keys_that_are_asked_for_once_do_not_drive_out_the_others) {
    auto const trace = with_scans(zipf(10'000, 1.0, 100'000));
    auto const ours = hit_ratio<sieve>(500, trace), theirs = hit_ratio<least_recently_used>(500, trace);
    BOOST_TEST_MESSAGE("Zipf 1.0 with scans: " << ours << ", least recently used " << theirs);
    BOOST_TEST(ours > 1.2 * theirs);
}

BOOST_AUTO_TEST_SUITE_END()
