#include "base/hexadecimal_of.hpp"
#include "base/keyed_hash.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace base = equinix::sts::base;

namespace {

std::string hexadecimal(base::keyed_hash::value const& hash) {
    return test::hexadecimal({hash.data(), hash.size()});
}

} // namespace

BOOST_AUTO_TEST_SUITE(sealing)

BOOST_AUTO_TEST_CASE(a_keyed_hash_is_that_of_rfc_4231) {
    base::keyed_hash const second("Jefe");
    BOOST_TEST(hexadecimal(second.of({"what do ya want for nothing?"})) ==
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    base::keyed_hash const first(std::string(20, '\x0b'));
    BOOST_TEST(hexadecimal(first.of({"Hi There"})) ==
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

BOOST_AUTO_TEST_CASE(a_keyed_hash_of_parts_is_that_of_the_whole_and_is_the_same_each_time) {
    base::keyed_hash const key("Jefe");
    auto const whole = hexadecimal(key.of({"what do ya want for nothing?"}));
    BOOST_TEST(hexadecimal(key.of({"what do ya ", "", "want for nothing?"})) == whole);
    BOOST_TEST(hexadecimal(key.of({"what do ya want for nothing?"})) == whole);
}

BOOST_AUTO_TEST_SUITE_END()
