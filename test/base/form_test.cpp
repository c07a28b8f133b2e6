#include "base/form.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

namespace base = equinix::sts::base;

namespace {

std::string encoded(std::string_view text) {
    base::wiped_buffer out;
    base::form_encode(out, text);
    return std::string(base::view(out));
}

} // namespace

BOOST_AUTO_TEST_SUITE(form)

BOOST_AUTO_TEST_CASE(encodes_by_rfc_6749_appendix_b) {
    std::vector<std::pair<std::string, std::string>> const cases = {
        {"", ""},
        {"azAZ09-._~", "azAZ09-._~"},
        {" ", "+"},
        {"+", "%2B"},
        {"&=%", "%26%3D%25"},
        {"*", "%2A"},
        {"a b+c", "a+b%2Bc"},
        {std::string("\0", 1), "%00"},
        {"\r\n", "%0D%0A"},
        {"\xc3\xa9\xe2\x82\xac", "%C3%A9%E2%82%AC"},
        {" %&+\xc2\xa3\xe2\x82\xac", "+%25%26%2B%C2%A3%E2%82%AC"}, // RFC 6749 appendix B's own example
        {"\x7f\x80\xff", "%7F%80%FF"},
    };
    for (auto const& [plain, expected] : cases)
        BOOST_TEST(encoded(plain) == expected);
}

BOOST_AUTO_TEST_CASE(encodes_each_byte_in_one_of_three_ways) {
    for (int c = 0; c < 256; ++c) {
        auto const text = encoded(std::string(1, static_cast<char>(c)));
        BOOST_TEST((text.size() == 1 || (text.size() == 3 && text[0] == '%')));
    }
}

BOOST_AUTO_TEST_CASE(encodes_each_byte_in_the_same_way_wherever_it_stands) {
    std::string const around =
        "abyzABYZ0189-._~eyJhbGciOiJFUzI1NiJ9.a"; // longer than what is looked at in one go
    for (int c = 0; c < 256; ++c) {
        auto const alone = encoded(std::string(1, static_cast<char>(c)));
        for (std::size_t at = 0; at <= around.size(); ++at) {
            auto text = around;
            text.insert(at, 1, static_cast<char>(c));
            BOOST_REQUIRE(encoded(text) == around.substr(0, at) + alone + around.substr(at));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
