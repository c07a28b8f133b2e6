// The parameters of a request, and its time limit.
#include "support/refused.hpp"

#include <equinix/sts/exchange_request.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace sts = equinix::sts;
using test::contains;
using test::refusal;

BOOST_AUTO_TEST_SUITE(exchange_request)

BOOST_AUTO_TEST_CASE(names_the_setter_of_a_reserved_parameter) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    for (std::string const name :
         {"grant_type", "scope", "subject_token", "subject_token_type", "actor_token", "actor_token_type",
          "requested_token_type", "client_id", "client_secret"})
        BOOST_TEST(contains(refusal([&] { request.parameter(name, "x"); }), name));
}

BOOST_AUTO_TEST_CASE(allows_only_resource_and_audience_twice) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    request.resource("https://a").resource("https://b").audience("c").parameter("audience", "d");
    request.parameter("x", "1");
    BOOST_TEST(contains(refusal([&] { request.parameter("x", "2"); }), "twice"));
    BOOST_TEST(request.parameters().size() == 5U);
}

BOOST_AUTO_TEST_CASE(refuses_empty_values) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    refusal([&] { request.parameter("x", ""); });
    refusal([&] { request.parameter("", "x"); });
    refusal([&] { request.resource(""); });
    BOOST_TEST(contains(refusal([&] { request.resource("nowhere"); }), "resource"));
    BOOST_TEST(contains(refusal([&] { request.parameter("resource", "https://a/#f"); }), "resource"));
    for (std::string const bad : {"canary\n", "can\x01", "\xc3\xa9"}) {
        BOOST_TEST(contains(refusal([&] { sts::client_authentication::none(bad); }), "client_id"));
        auto const message = refusal(
            [&] { sts::client_authentication::secret_post("id", sts::secret(std::string_view(bad))); });
        BOOST_TEST(contains(message, "client_secret"));
        BOOST_TEST(!contains(message, "canary"));
    }
    refusal([&] { sts::client_authentication::secret_post("", sts::secret("s")); });
    refusal([&] { sts::client_authentication::secret_post("id", sts::secret()); });
    refusal([&] { sts::client_authentication::secret_basic("id", sts::secret()); });
    refusal([&] { sts::client_authentication::bearer(sts::secret()); });
    BOOST_TEST(request.parameters().empty());
}

BOOST_AUTO_TEST_CASE(F2_refuses_a_timeout_that_is_not_positive) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    BOOST_TEST(contains(refusal([&] { request.timeout(std::chrono::seconds(0)); }), "timeout"));
    BOOST_TEST(contains(refusal([&] { request.timeout(std::chrono::seconds(-1)); }), "timeout"));
    request.timeout(std::chrono::nanoseconds::max());
}

BOOST_AUTO_TEST_SUITE_END()
