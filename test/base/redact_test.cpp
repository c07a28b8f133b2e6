// What may be a secret is in no message, nor what would disturb a log.
#include "base/redact.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace base = equinix::sts::base;

BOOST_AUTO_TEST_SUITE(redact)

BOOST_AUTO_TEST_CASE(O11_a_path_is_quoted_unless_it_may_be_a_secret) {
    BOOST_TEST(base::quoted_path("/run/keys/a b.pem") == "'/run/keys/a b.pem'");
    for (std::string const& secret : {std::string("-----BEGIN PRIVATE KEY-----"), std::string("a\nb"),
                                      std::string("eyJhbGciOi"), std::string(2000, 'a')})
        BOOST_TEST(base::quoted_path(secret).find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(printable)

BOOST_AUTO_TEST_CASE(escapes_what_would_disturb_a_log) {
    BOOST_TEST(base::printable("a\nb\x1b[0m\"\\\xff", {}) == "a\\x0ab\\x1b[0m\\x22\\x5c\\xff");
}

BOOST_AUTO_TEST_CASE(cuts_at_the_limit) {
    auto const text = base::printable(std::string(5000, 'x'), {}, 100);
    BOOST_TEST(text == std::string(100, 'x') + "...");
    BOOST_TEST(base::printable(std::string(100, 'x'), {}, 100) == std::string(100, 'x'));
}

BOOST_AUTO_TEST_CASE(redacts_a_stretch_of_eight_and_no_shorter_one) {
    std::string_view const secrets[] = {"abcdefghijkl"};
    BOOST_TEST(base::printable("(cdefghij) (cdefghi) (abcdefghijkl)", secrets) ==
               "([redacted]) (cdefghi) ([redacted])");
}

// A secret and a text made for each other were compared for minutes, on the thread of whoever awaited the
// exchange.
BOOST_AUTO_TEST_CASE(redacts_a_megabyte_of_one_letter) {
    std::string const secret(65536, 'a');
    std::string_view const secrets[] = {secret};
    BOOST_TEST(base::printable(std::string(1048576, 'a'), secrets) == "[redacted]...");
    BOOST_TEST(base::printable("x" + std::string(4000, 'a') + "y", secrets) == "x[redacted]y");
}

BOOST_AUTO_TEST_CASE(shows_no_beginning_of_an_echo_where_it_ends) {
    std::string const secret = "0123456789abcdef";
    std::string_view const secrets[] = {secret};
    for (std::size_t before = 0; before < 1000; ++before) {
        auto const text =
            base::printable(std::string(before, 'x') + secret + std::string(2000, 'a'), secrets, 100);
        BOOST_REQUIRE(text.find("0123") == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
