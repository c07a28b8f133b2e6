// The header of a request that shows a token.
#include <equinix/sts/token.hpp>

#include <boost/test/unit_test.hpp>

namespace sts = equinix::sts;

BOOST_AUTO_TEST_SUITE(authorization)

BOOST_AUTO_TEST_CASE(is_the_scheme_and_the_token) {
    sts::token one;
    one.set_access_token("abc.def");
    BOOST_TEST(one.access_token.reveal() == "abc.def");
    BOOST_TEST(one.authorization().reveal() == "Bearer abc.def");
}

BOOST_AUTO_TEST_CASE(lies_in_the_memory_of_the_token_and_is_made_once) {
    sts::token one;
    one.set_access_token("abc.def");
    auto const copy = one;
    BOOST_TEST(one.authorization().reveal().data() == copy.authorization().reveal().data());
    BOOST_TEST(one.authorization().reveal().data() + 7 == one.access_token.reveal().data());
}

BOOST_AUTO_TEST_CASE(follows_a_token_that_the_program_sets_itself) {
    sts::token one;
    one.set_access_token("abc.def");
    one.access_token = sts::secret("other");
    BOOST_TEST(one.authorization().reveal() == "Bearer other");
}

BOOST_AUTO_TEST_CASE(outlives_its_token) {
    sts::secret header;
    {
        sts::token one;
        one.set_access_token("abc.def");
        header = one.authorization();
    }
    BOOST_TEST(header.reveal() == "Bearer abc.def");
}

BOOST_AUTO_TEST_SUITE_END()
