#include "base/base64.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base = equinix::sts::base;

BOOST_AUTO_TEST_SUITE(base64)

BOOST_AUTO_TEST_CASE(encodes_the_vectors_of_rfc_4648) {
    std::vector<std::pair<std::string, std::string>> const vectors = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (auto const& [plain, expected] : vectors) {
        base::wiped_buffer out;
        base::base64_encode(out, plain);
        BOOST_TEST(base::view(out) == expected);
    }
}

BOOST_AUTO_TEST_CASE(url_form_round_trips_every_length) {
    std::string plain;
    for (int i = 0; i < 300; ++i) {
        base::wiped_buffer text;
        base::base64url_encode(text, plain);
        BOOST_TEST(base::view(text).find_first_of("+/=") == std::string_view::npos);
        auto const back = base::base64url_decode(base::view(text));
        BOOST_REQUIRE(back);
        BOOST_TEST(base::view(*back) == plain);
        plain += static_cast<char>(i * 37);
    }
}

BOOST_AUTO_TEST_CASE(url_form_refuses_what_is_not_canonical) {
    for (auto const* const text : {"A", "AAAAA", "A=", "AA==", "A+AA", "AB/A", "AB", "AAB", "A A"})
        BOOST_TEST(!base::base64url_decode(text), text);
}

BOOST_AUTO_TEST_SUITE_END()
