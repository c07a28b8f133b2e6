// What one service gave is shown to another (RFC 7523, RFC 8693, ID-JAG, transaction tokens).
#include "support/token_source.hpp"

#include <equinix/sts/suppliers.hpp>

#include <string_view>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

sts::testing::mock_options named(std::string identifier) {
    sts::testing::mock_options made;
    made.identifier = std::move(identifier);
    return made;
}

/// The service of the test is the second; `first` is one that it trusts.
struct chained : sourced {
    chained() : sourced(named("https://second.example.test")), first(named("https://first.example.test")) {
        mock.trust(first);
    }

    sts::client at_first() {
        auto options = one_attempt();
        options.endpoint = sts::endpoint(first.url());
        options.tls.ca_pem = first.ca_pem();
        return client(options);
    }
    /// A source at the first service.
    sts::token_source from_first(std::string_view type) {
        auto request = sts::exchange_request(sts::subject_token(first.id_token()))
                           .scope(sts::scope("a"))
                           .audience("https://second.example.test");
        if (!type.empty()) request.requested_token_type(type);
        return source(at_first(), std::move(request));
    }
    std::string sent() const { return mock.raw_requests().back(); }

    sts::testing::mock_sts first;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(chained_services, chained)

BOOST_AUTO_TEST_CASE(H27_an_access_token_is_the_subject_token_at_the_next) {
    auto const request =
        sts::exchange_request(sts::suppliers::exchange(from_first({}))).scope(sts::scope("b"));
    BOOST_TEST(exchange(client(one_attempt()), request).has_value());
    BOOST_TEST(sent().find("subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(H27_an_id_jag_is_the_assertion_at_the_next) {
    auto const jag = from_first(sts::token_types::id_jag);
    auto const request =
        sts::exchange_request::jwt_bearer(sts::suppliers::exchange(jag)).scope(sts::scope("b"));
    auto const got = exchange(client(one_attempt()), request);
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(mock.claims(got->access_token.reveal()).has_value());
    BOOST_TEST(token_of(jag)->token_type == "N_A");
    BOOST_TEST(sent().find("&assertion=") != std::string::npos);
    BOOST_TEST(sent().find("subject_token") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(H27_a_transaction_token_is_exchanged_for_an_access_token) {
    auto const txn = sts::suppliers::exchange(from_first(sts::token_types::txn_token));
    auto const request = sts::exchange_request(txn).scope(sts::scope("b"));
    BOOST_TEST(exchange(client(one_attempt()), request).has_value());
    BOOST_TEST(sent().find("token-type%3Atxn_token") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(H27_a_type_of_the_callers_own_is_sent) {
    auto const jwt = sts::suppliers::exchange(from_first({}), sts::token_types::jwt);
    BOOST_TEST(
        exchange(client(one_attempt()), sts::exchange_request(jwt).scope(sts::scope("b"))).has_value());
    BOOST_TEST(sent().find("token-type%3Ajwt") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(H27_an_id_token_is_an_assertion_as_well) {
    auto const request =
        sts::exchange_request::jwt_bearer(sts::subject_token(mock.id_token())).scope(sts::scope("b"));
    auto const got = exchange(client(one_attempt()), request);
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->issued_token_type.empty());
}

BOOST_AUTO_TEST_CASE(H27_an_assertion_for_another_audience_is_refused) {
    auto const elsewhere = sts::exchange_request(sts::subject_token(first.id_token()))
                               .scope(sts::scope("a"))
                               .audience("https://third.example.test");
    auto const jag = sts::suppliers::exchange(source(at_first(), elsewhere));
    auto const info =
        failure(client(one_attempt()), sts::exchange_request::jwt_bearer(jag).scope(sts::scope("b")));
    BOOST_TEST(info.oauth_error == "invalid_grant");
}

BOOST_AUTO_TEST_CASE(H27_many_exchanges_at_the_next_are_one_at_the_first) {
    auto const supplier = sts::suppliers::exchange(from_first({}));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(client(one_attempt()), sts::exchange_request(supplier).scope(sts::scope("b")))
                       .has_value());
    BOOST_TEST(first.requests() == 1U);
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(H27_a_token_that_the_next_refuses_is_fetched_anew) {
    auto const supplier = sts::suppliers::exchange(from_first({}));
    auto const request = sts::exchange_request(supplier).scope(sts::scope("b"));
    mock.next(mock_answer::error(401, "invalid_grant"));
    BOOST_TEST(exchange(client(), request).has_value());
    BOOST_TEST(first.requests() == 2U);
    auto const raw = mock.raw_requests();
    BOOST_REQUIRE(raw.size() == 2U);
    BOOST_TEST(raw[0] != raw[1]);
}

BOOST_AUTO_TEST_CASE(H27_a_refusal_for_another_reason_costs_no_token_of_the_first) {
    auto const supplier = sts::suppliers::exchange(from_first({}));
    mock.always(mock_answer::error(400, "invalid_scope"));
    auto const info = failure(client(), sts::exchange_request(supplier).scope(sts::scope("b")));
    BOOST_TEST(info.oauth_error == "invalid_scope");
    BOOST_TEST(first.requests() == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(H27_a_subject_token_that_has_expired_at_the_first_is_not_the_seconds) {
    auto const expired =
        sts::exchange_request(sts::subject_token(first.id_token(
                                  sts::testing::id_token_claims().lifetime(-std::chrono::hours(1)))))
            .scope(sts::scope("a"));
    auto const supplier = sts::suppliers::exchange(source(at_first(), expired));
    auto const info = failure(client(one_attempt()), sts::exchange_request(supplier).scope(sts::scope("b")));
    BOOST_TEST((info.phase == sts::phase::supplier));
    BOOST_TEST(!info.subject_refused());
}

BOOST_AUTO_TEST_CASE(H27_a_failure_at_the_first_is_told_as_the_suppliers) {
    first.always(mock_answer::error(400, "invalid_scope", "not yours"));
    auto const supplier = sts::suppliers::exchange(from_first({}));
    auto const info = failure(client(one_attempt()), sts::exchange_request(supplier).scope(sts::scope("b")));
    BOOST_TEST((info.kind == error_kind::oauth));
    BOOST_TEST((info.phase == sts::phase::supplier));
    BOOST_TEST(info.oauth_error == "invalid_scope");
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
