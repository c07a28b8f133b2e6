// What may be a secret is in no message.
#include "base/redact.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace base = equinix::sts::base;

BOOST_AUTO_TEST_SUITE(redact)

BOOST_AUTO_TEST_CASE(O11_a_path_is_quoted_unless_it_may_be_a_secret) {
    BOOST_TEST(base::quoted_path("/run/keys/a b.pem") == "'/run/keys/a b.pem'");
    for (std::string const& secret : {std::string("-----BEGIN PRIVATE KEY-----"), std::string("a\nb"),
                                      std::string("eyJhbGciOi"), std::string(2000, 'a')})
        BOOST_TEST(base::quoted_path(secret).find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
