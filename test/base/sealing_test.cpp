#include "base/hexadecimal_of.hpp"
#include "base/sealing.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace base = equinix::sts::base;
using test::hexadecimal;

namespace {

std::string sealed_by(base::sealing_key const& key, base::sealing_key::message const& which,
                      std::string_view text) {
    std::string out;
    key.seal(out, which, text);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sealing)

BOOST_AUTO_TEST_CASE(a_derived_key_is_that_of_rfc_5869) {
    BOOST_TEST(hexadecimal(base::view(base::derive_key(std::string(22, '\x0b'), ""))) ==
               "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

BOOST_AUTO_TEST_CASE(a_message_opens_by_what_it_was_sealed_with_and_by_nothing_else) {
    auto const derived = base::derive_key("key", "purpose");
    base::sealing_key const key(base::view(derived));
    auto const sealed = sealed_by(key, {"salt", "purpose", "associated"}, "text");
    BOOST_TEST(sealed.size() == 4 + base::seal_tag_size);
    auto const opened = key.open({"salt", "purpose", "associated"}, sealed);
    BOOST_REQUIRE(opened.has_value());
    BOOST_TEST(base::view(*opened) == "text");
    BOOST_TEST(!key.open({"salT", "purpose", "associated"}, sealed).has_value());
    BOOST_TEST(!key.open({"salt", "purposE", "associated"}, sealed).has_value());
    BOOST_TEST(!key.open({"salt", "purpose", "associateD"}, sealed).has_value());
    base::sealing_key const other(base::view(base::derive_key("key", "another purpose")));
    BOOST_TEST(!other.open({"salt", "purpose", "associated"}, sealed).has_value());
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        auto flipped = sealed;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
        BOOST_TEST(!key.open({"salt", "purpose", "associated"}, flipped).has_value());
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        BOOST_TEST(!key.open({"salt", "purpose", "associated"}, std::string_view(sealed).substr(0, size))
                        .has_value());
}

BOOST_AUTO_TEST_CASE(the_same_text_is_never_sealed_to_the_same_bytes_with_another_salt) {
    base::sealing_key const key(base::view(base::derive_key("key", "purpose")));
    BOOST_TEST(sealed_by(key, {"salt", "purpose", ""}, "text") !=
               sealed_by(key, {"tlas", "purpose", ""}, "text"));
    BOOST_TEST(sealed_by(key, {"salt", "purpose", ""}, "text") ==
               sealed_by(key, {"salt", "purpose", ""}, "text"));
}

BOOST_AUTO_TEST_SUITE_END()
