// What stands for a secret in a table (K5 of doc/faults.md).
#include "base/keyed_digest.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <string_view>

namespace base = equinix::sts::base;

BOOST_AUTO_TEST_SUITE(keyed_digest)

BOOST_AUTO_TEST_CASE(K5_the_same_text_has_the_same_digest_and_another_text_another) {
    base::keyed_digest const names;
    std::set<base::keyed_digest::value> digests;
    for (int i = 0; i < 1000; ++i)
        digests.insert(names.of("text " + std::to_string(i)));
    digests.insert(names.of(""));
    digests.insert(names.of(std::string(65'536, 'a')));
    digests.insert(names.of(std::string_view("\0", 1)));
    BOOST_TEST(digests.size() == 1003U);
    BOOST_TEST((names.of("text 1") == names.of("text 1")));
}

BOOST_AUTO_TEST_CASE(K5_each_maker_has_digests_of_its_own) {
    std::set<base::keyed_digest::value> digests;
    for (int i = 0; i < 100; ++i)
        digests.insert(base::keyed_digest().of("text"));
    BOOST_TEST(digests.size() == 100U);
}

BOOST_AUTO_TEST_CASE(K5_a_digest_has_nothing_of_its_text) {
    base::keyed_digest const names;
    for (std::string_view const text : {"0123456789abcdef", "canary-canary-canary-canary-canary"}) {
        auto const digest = names.of(text);
        auto const* const bytes = reinterpret_cast<char const*>(digest.data());
        std::string_view const shown(bytes, sizeof digest);
        BOOST_TEST((shown != text.substr(0, sizeof digest)));
        for (std::size_t i = 0; i + 4 <= text.size(); ++i)
            BOOST_TEST((shown.find(text.substr(i, 4)) == std::string_view::npos));
    }
}

BOOST_AUTO_TEST_SUITE_END()
