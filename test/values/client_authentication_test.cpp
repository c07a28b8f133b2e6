// How a client authenticates: in one way, with what can be sent (section O of doc/faults.md).
#include "support/refused.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/keys.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace sts = equinix::sts;
using namespace std::chrono_literals;
using sts::signing_key;
using test::contains;
using test::refusal;

BOOST_AUTO_TEST_SUITE(exchange_request)

BOOST_AUTO_TEST_CASE(refuses_a_bearer_token_that_would_end_the_header) {
    auto const message = refusal([] { sts::client_authentication::bearer(sts::secret("canary\r\nX: y")); });
    BOOST_TEST(contains(message, "bearer"));
    BOOST_TEST(!contains(message, "canary"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(proofs)

BOOST_AUTO_TEST_CASE(O5_a_client_authenticates_in_one_way) {
    auto const key = signing_key::generate();
    auto const signs = sts::client_authentication::private_key_jwt("client", key);
    auto const secret = sts::client_authentication::secret_basic("client", sts::secret("s"));
    auto const base = sts::exchange_request::client_credentials();
    auto const own = "client_assertion";
    auto const with_own = [&] { return sts::exchange_request(base).parameter(own, "x.y.z"); };
    for (auto const& other : {signs, secret}) {
        BOOST_TEST(test::refusal([&] { with_own().authentication(other); }).find("in one way") !=
                   std::string::npos);
        BOOST_TEST(test::refusal([&] {
                       sts::exchange_request(base).authentication(other).parameter(own, "x.y.z");
                   }).find("in one way") != std::string::npos);
    }
    with_own().authentication(sts::client_authentication::none("client")); // as RFC 7521 section 4.2 allows
}

BOOST_AUTO_TEST_CASE(O6_options_of_assertions_are_checked) {
    auto const key = signing_key::generate();
    auto const with = [&](auto change) {
        sts::assertion_options options;
        change(options);
        return test::refusal([&] { sts::client_authentication::private_key_jwt("client", key, options); });
    };
    BOOST_TEST(with([](auto& o) { o.lifetime = 0s; }).find("lifetime") != std::string::npos);
    BOOST_TEST(with([](auto& o) { o.lifetime = 2h; }).find("lifetime") != std::string::npos);
    BOOST_TEST(with([](auto& o) { o.key_id = "a\nb"; }).find("key_id") != std::string::npos);
    BOOST_TEST(with([](auto& o) { o.audience = "\x7f"; }).find("audience") != std::string::npos);
    BOOST_TEST(test::refusal([&] {
                   sts::client_authentication::private_key_jwt("", key);
               }).find("client_id") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
