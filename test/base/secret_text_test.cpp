// What of a file, a variable or an output is the secret.
#include "base/secret_text.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace base = equinix::sts::base;

namespace {

std::string wrong(std::string_view text) {
    auto const read = base::read_secret(text);
    BOOST_TEST(read.value.empty());
    return std::string(read.wrong);
}

} // namespace

BOOST_AUTO_TEST_SUITE(secret_text)

BOOST_AUTO_TEST_CASE(H28_has_no_white_space_at_its_ends) {
    for (auto const* const text : {"a b", "a b\n", "\n\n a b\t\r\n\r\n", "\v\fa b "})
        BOOST_TEST(base::read_secret(text).value == "a b", text);
}

BOOST_AUTO_TEST_CASE(H28_is_not_empty) {
    for (auto const* const text : {"", " ", "\n\r\n"})
        BOOST_TEST(wrong(text) == "is empty", text);
}

BOOST_AUTO_TEST_CASE(H28_has_at_most_64_kib) {
    std::string const most(base::largest_secret, 'x');
    BOOST_TEST(base::read_secret(most + "\r\n").wrong.empty());
    BOOST_TEST(wrong(most + "x") == "is larger than 64 KiB");
}

BOOST_AUTO_TEST_CASE(H28_a_byte_order_mark_is_named) {
    for (auto const* const text : {"\xEF\xBB\xBF"
                                   "abc",
                                   " \xEF\xBB\xBF"
                                   "abc",
                                   "\xFF\xFE"
                                   "a",
                                   "\xFE\xFF"
                                   "a"})
        BOOST_TEST(wrong(text).find("BOM") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(H28_a_token_has_no_blank_within) {
    BOOST_TEST(base::read_token(" a.b.c\n").value == "a.b.c");
    for (auto const* const text : {"a b", "a\nb", "a\x7f", "\xc3\xa9"})
        BOOST_TEST(!base::read_token(text).wrong.empty(), text);
}

BOOST_AUTO_TEST_SUITE_END()
