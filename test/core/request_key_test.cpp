// What makes two requests the same (K5 of doc/faults.md).
#include "core/request_key.hpp"

#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;

namespace {

std::string key(exchange_request const& request) {
    return std::string(base::view(core::request_key(request)));
}

exchange_request ordinary() {
    return exchange_request(subject_token("subject")).scope(scope("a b"));
}

struct silent final : subject_token_supplier {
    boost::asio::awaitable<subject_token> supply(supply_context) override { throw 1; }
    std::string describe() const override { return "silent"; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(request_key)

BOOST_AUTO_TEST_CASE(K5_the_same_request_in_another_order_has_the_same_key) {
    BOOST_TEST(key(ordinary()) == key(ordinary()));
    BOOST_TEST(key(ordinary().scope(scope("b a"))) == key(ordinary()));
    BOOST_TEST(key(ordinary().scope(scope("a b a"))) == key(ordinary()));
    BOOST_TEST(key(ordinary().audience("x").audience("y")) == key(ordinary().audience("y").audience("x")));
    BOOST_TEST(key(ordinary().parameter("x", "1").audience("y").resource("https://z/")) ==
               key(ordinary().resource("https://z/").parameter("x", "1").audience("y")));
}

BOOST_AUTO_TEST_CASE(K5_the_time_to_wait_is_no_part_of_it) {
    BOOST_TEST(key(ordinary().timeout(std::chrono::seconds(1))) == key(ordinary()));
}

BOOST_AUTO_TEST_CASE(K5_each_single_difference_gives_another_key) {
    using auth = client_authentication;
    auto const one = std::make_shared<silent>(), other = std::make_shared<silent>();
    std::vector<exchange_request> const all = {
        ordinary(),
        exchange_request(subject_token("subject")),
        ordinary().scope(scope("a")),
        ordinary().scope(scope("a b c")),
        ordinary().scope(scope("ab")),
        ordinary().scope(scope("A b")),
        ordinary().subject(subject_token("subjec")),
        ordinary().subject(subject_token("subject2")),
        ordinary().subject(subject_token("subject", token_types::access_token)),
        ordinary().subject(one),
        ordinary().subject(other),
        ordinary().actor(subject_token("subject")),
        ordinary().actor(subject_token("other")),
        ordinary().actor(subject_token("subject", token_types::jwt)),
        ordinary().audience("x"),
        ordinary().audience("x").audience("y"),
        ordinary().resource("https://x/"),
        ordinary().resource("https://x/").audience("x"),
        ordinary().requested_token_type(token_types::jwt),
        ordinary().parameter("x", "1"),
        ordinary().parameter("x", "2"),
        ordinary().parameter("y", "1"),
        ordinary().parameter("x", "1").parameter("y", "1"),
        ordinary().authentication(auth::none("id")),
        ordinary().authentication(auth::none("id2")),
        ordinary().authentication(auth::secret_post("id", secret("s"))),
        ordinary().authentication(auth::secret_basic("id", secret("s"))),
        ordinary().authentication(auth::secret_post("id", secret("s2"))),
        ordinary().authentication(auth::secret_post("id2", secret("s"))),
        ordinary().authentication(auth::bearer(secret("s"))),
        exchange_request::client_credentials(),
        exchange_request::client_credentials().scope(scope("a b")),
        exchange_request::client_credentials().scope(scope("a b")).subject(subject_token("subject")),
    };
    std::set<std::string> keys;
    for (auto const& request : all)
        keys.insert(key(request));
    BOOST_TEST(keys.size() == all.size());
}

BOOST_AUTO_TEST_CASE(K5_a_supplier_is_not_taken_for_one_that_is_gone) {
    std::set<std::string> keys;
    for (int i = 0; i < 100; ++i) // each where the one before was
        keys.insert(key(exchange_request(std::make_shared<silent>()).scope(scope("a"))));
    BOOST_TEST(keys.size() == 100U);
}

BOOST_AUTO_TEST_CASE(K5_no_two_lists_of_parts_run_together) {
    auto const differ = [](exchange_request const& a, exchange_request const& b) { return key(a) != key(b); };
    BOOST_TEST(differ(ordinary().parameter("ab", "c"), ordinary().parameter("a", "bc")));
    BOOST_TEST(differ(ordinary().parameter("a", "1:b"), ordinary().parameter("a1", ":b")));
    BOOST_TEST(
        differ(ordinary().parameter("a", "1").parameter("b", "2"), ordinary().parameter("a", "11:b1:2")));
    BOOST_TEST(differ(ordinary().audience("ab").audience("c"), ordinary().audience("a").audience("bc")));
    BOOST_TEST(differ(ordinary().audience("x1:y"), ordinary().audience("x").audience("y")));
    // What looks like a part of the key itself.
    BOOST_TEST(
        differ(ordinary().subject(subject_token("abc", "d")), ordinary().subject(subject_token("ab", "cd"))));
    BOOST_TEST(differ(ordinary().subject(subject_token("a1:b", "c")),
                      ordinary().subject(subject_token("a", "1:bc"))));
    BOOST_TEST(differ(ordinary().subject(subject_token("a")).actor(subject_token("b")),
                      ordinary().subject(subject_token("b")).actor(subject_token("a"))));
}

BOOST_AUTO_TEST_SUITE_END()
