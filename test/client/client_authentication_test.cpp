// The ways in which a client authenticates itself.
#include "client/bound_service.hpp"

#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::signing_key;
using sts::testing::mock_answer;
using sts::testing::mock_options;

BOOST_FIXTURE_TEST_SUITE(exchange, service)

BOOST_AUTO_TEST_CASE(authenticates_the_client_in_each_way) {
    auto const sts_client = client();
    using how = sts::client_authentication;
    auto const credentials = [&](how authentication) {
        return sts::exchange_request::client_credentials()
            .scope(sts::scope("s"))
            .authentication(std::move(authentication));
    };
    auto const id = mock_options().client_id;
    sts::secret const right(mock_options().client_secret);
    BOOST_TEST(exchange(sts_client, credentials(how::secret_post(id, right))).has_value());
    BOOST_TEST(exchange(sts_client, credentials(how::secret_basic(id, right))).has_value());
    for (auto const& wrong : {credentials(how::secret_post(id, sts::secret("x"))),
                              credentials(how::secret_basic(id, sts::secret("x"))), credentials(how::none()),
                              credentials(how::none(id))}) {
        auto const info = failure(sts_client, wrong);
        BOOST_TEST(info.oauth_error == "invalid_client");
        BOOST_TEST(info.http_status == 401U);
    }
}

BOOST_AUTO_TEST_CASE(authenticates_by_a_bearer_token) {
    mock_options guarded;
    guarded.bearer = "abc";
    service other(guarded);
    auto const sts_client = other.client();
    auto request = other.request();
    BOOST_TEST(other.failure(sts_client, request).http_status == 401U);
    request.authentication(sts::client_authentication::bearer(sts::secret("abc")));
    BOOST_TEST(other.exchange(sts_client, request).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(dpop, bound)

BOOST_AUTO_TEST_CASE(a_client_authenticates_by_signed_assertions) {
    auto const how = sts::client_authentication::private_key_jwt("mock-client", client_key);
    auto const sts_client = client();
    auto const asked = sts::exchange_request::client_credentials().scope(sts::scope("s")).authentication(how);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client, asked).has_value());
    auto const stranger = sts::exchange_request(asked).authentication(
        sts::client_authentication::private_key_jwt("mock-client", signing_key::generate()));
    BOOST_TEST(exchange(sts_client, stranger).error().oauth_error == "invalid_client");
}

BOOST_AUTO_TEST_CASE(an_assertion_and_a_proof_go_together) {
    auto const how = sts::client_authentication::private_key_jwt("mock-client", client_key);
    auto const sts_client = client();
    auto const got = exchange(sts_client, proved().authentication(how));
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->token_type == "DPoP");
}

BOOST_AUTO_TEST_CASE(O9_each_attempt_has_an_assertion_of_its_own) {
    auto retrying = options();
    retrying.retry.base_delay = 1ns;
    auto const how = sts::client_authentication::private_key_jwt("mock-client", client_key);
    mock.next(mock_answer::error(503, ""));
    auto const sts_client = client(retrying);
    BOOST_TEST(exchange(sts_client, request().authentication(how)).has_value());
    std::vector<std::string> assertions;
    for (auto const& one : mock.raw_requests())
        assertions.push_back(one.substr(one.find("client_assertion=")));
    BOOST_TEST(assertions.size() == 2U);
    BOOST_TEST(all_differ(assertions));
}

BOOST_AUTO_TEST_SUITE_END()
