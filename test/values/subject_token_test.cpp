// The token that is exchanged, and its type.
#include "support/refused.hpp"

#include <equinix/sts/subject_token.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace sts = equinix::sts;
using test::contains;
using test::refusal;

BOOST_AUTO_TEST_SUITE(subject_token)

BOOST_AUTO_TEST_CASE(is_an_id_token_unless_told_otherwise) {
    sts::subject_token const token("abc");
    BOOST_TEST(token.token().reveal() == "abc");
    BOOST_TEST(token.type() == "urn:ietf:params:oauth:token-type:id_token");
    BOOST_TEST(sts::subject_token("abc", sts::token_types::jwt).type() ==
               "urn:ietf:params:oauth:token-type:jwt");
}

BOOST_AUTO_TEST_CASE(takes_64_kib) {
    BOOST_TEST(sts::subject_token(std::string(65536, 'x')).token().size() == 65536U);
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_a_token_without_quoting_it) {
    std::string const bad[] = {"",         "canary\n",   " canary",        "can ary",
                               "canary\t", "canary\x01", "canary\xc3\xa9", std::string(65537, 'c')};
    for (auto const& text : bad) {
        auto const message = refusal([&] { sts::subject_token const made(text); });
        BOOST_TEST(contains(message, "subject token"), text);
        BOOST_TEST(!contains(message, "can"), message);
    }
    BOOST_TEST(contains(refusal([] { sts::subject_token const made("x", ""); }), "type"));
}

BOOST_AUTO_TEST_SUITE_END()
