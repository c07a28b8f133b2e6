// What a token is asked for (RFC 6749 section 3.3).
#include "support/refused.hpp"

#include <equinix/sts/scope.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace sts = equinix::sts;
using test::contains;
using test::refusal;

BOOST_AUTO_TEST_SUITE(scope)

BOOST_AUTO_TEST_CASE(has_a_constructor_for_each_form_of_the_service) {
    BOOST_TEST(sts::scope::access_policy("ern:a:b:c:project:1:d:e/f").value() == "ern:a:b:c:project:1:d:e/f");
    BOOST_TEST(sts::scope::role_assignments("1").value() == "roleassignments:1");
    BOOST_TEST(sts::scope::project_policies("2").value() == "projectpolicies:2");
    BOOST_TEST(sts::scope::org_policies("3").value() == "orgpolicies:3");
    BOOST_TEST(sts::scope::org_policies_and_role_assignments("4").value() ==
               "orgpolicies:4 roleassignments:4");
}

BOOST_AUTO_TEST_CASE(takes_any_text_that_rfc_6749_allows) {
    for (std::string const text : {"openid", "a b c", "!#[]~", "urn:x:y"})
        BOOST_TEST(sts::scope(text).value() == text);
    BOOST_TEST(sts::scope(std::string(8192, 'x')).value().size() == 8192U);
}

BOOST_AUTO_TEST_CASE(H20_refuses_what_rfc_6749_forbids) {
    std::string const forbidden[] = {"",
                                     " a",
                                     "a ",
                                     "a  b",
                                     "a\"b",
                                     "a\\b",
                                     "a\nb",
                                     "a\tb",
                                     "a\x7f",
                                     "\xc3\xa9",
                                     std::string("a\0b", 3),
                                     std::string(8193, 'x')};
    for (auto const& text : forbidden)
        BOOST_TEST(contains(refusal([&] { sts::scope const made(text); }), "scope"), text);
}

BOOST_AUTO_TEST_CASE(refuses_an_identifier_that_would_smuggle_in_a_second_scope) {
    BOOST_TEST(contains(refusal([] { sts::scope::role_assignments("1 orgpolicies:2"); }), "space"));
    BOOST_TEST(
        contains(refusal([] { sts::scope::role_assignments("roleassignments:1"); }), "only the identifier"));
    BOOST_TEST(contains(refusal([] { sts::scope::org_policies(""); }), "empty"));
    BOOST_TEST(contains(refusal([] { sts::scope::access_policy("arn:x"); }), "ern:"));
}

BOOST_AUTO_TEST_CASE(adds_values_behind_one_space_each) {
    BOOST_TEST(sts::scope("a").add(sts::scope("b")).add(sts::scope("c d")).value() == "a b c d");
}

BOOST_AUTO_TEST_SUITE_END()
