// The fields of a form, as the mock service reads them.
#include "testing/form_fields.hpp"

#include <boost/test/unit_test.hpp>

namespace testing = equinix::sts::testing;

BOOST_AUTO_TEST_SUITE(form_fields)

BOOST_AUTO_TEST_CASE(reads_names_and_values) {
    auto const fields = testing::parse_form("a=b+c&d=%26%3d&e&f=");
    BOOST_REQUIRE(fields);
    testing::form_fields const expected = {{"a", "b c"}, {"d", "&="}, {"e", ""}, {"f", ""}};
    BOOST_TEST((*fields == expected));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_ill_formed) {
    for (auto const* const body : {"a=%", "a=%4", "a=%4g", "=b", "a=b&&c=d", "a=%-1"})
        BOOST_TEST(!testing::parse_form(body).has_value(), body);
}

BOOST_AUTO_TEST_SUITE_END()
