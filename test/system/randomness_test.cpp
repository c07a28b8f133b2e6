// A system that has no random numbers to give. This program's `random_device` has none when a test says so.
#include "client/jitter.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/random.h>

#include <limits>
#include <random>
#include <set>
#include <stdexcept>

namespace {

bool has_randomness = true;

} // namespace

std::random_device::result_type std::random_device::_M_getval() {
    if (!has_randomness) throw std::runtime_error("no randomness");
    result_type value = 0;
    if (::getrandom(&value, sizeof value, 0) != sizeof value) throw std::runtime_error("getrandom");
    return value;
}

BOOST_AUTO_TEST_SUITE(randomness)

BOOST_AUTO_TEST_CASE(G9_L15_without_it_each_client_has_times_of_its_own) {
    has_randomness = false;
    constexpr std::size_t clients = 1000;
    std::set<std::uint32_t> different;
    for (std::size_t i = 0; i < clients; ++i)
        different.insert(equinix::sts::client_detail::jitter().next());
    has_randomness = true;
    BOOST_TEST(different.size() > clients * 99 / 100);
    BOOST_TEST(*different.begin() < std::numeric_limits<std::uint32_t>::max() / 20);
    BOOST_TEST(*different.rbegin() > std::numeric_limits<std::uint32_t>::max() / 20 * 19);
}

BOOST_AUTO_TEST_SUITE_END()
