// The ID token of a job of Azure Pipelines.
#include "suppliers/request_of.hpp"
#include "suppliers/tls_mock_fixture.hpp"
#include "suppliers/variable.hpp"

#include <string>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

struct job : tls_mock_fixture {
    variable url{"SYSTEM_OIDCREQUESTURI", mock.url()};
    variable token{"SYSTEM_ACCESSTOKEN", "access-canary"};

    job() { mock.always(mock_answer::with(200, R"({"oidcToken":"a-token"})")); }

    fetching fetch(std::string const& connection = "") {
        return fetching(context, sts::suppliers::azure_pipelines(connection, trusting()));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(azure_pipelines, job)

BOOST_AUTO_TEST_CASE(posts_an_empty_body_as_the_platform_wants_it) {
    BOOST_TEST(fetch("0f1e-connection").text() == "a-token");
    request_of const request(mock.raw_requests().at(0));
    BOOST_TEST(request.line() == "POST /use/token?api-version=7.1&serviceConnectionId=0f1e-connection");
    BOOST_TEST(request.field("Authorization") == "Bearer access-canary");
    BOOST_TEST(request.field("Content-Type") == "application/json");
    BOOST_TEST(request.field("Content-Length") == "0");
    BOOST_TEST(request.field("X-TFS-FedAuthRedirect") == "Suppress");
    BOOST_TEST(request.field("Accept") == "application/json");
    BOOST_TEST(request.body().empty());
}

BOOST_AUTO_TEST_CASE(asks_for_the_pipelines_own_identity_without_a_connection) {
    url.set(mock.url() + "/");
    BOOST_TEST(fetch().text() == "a-token");
    BOOST_TEST(request_of(mock.raw_requests().at(0)).line() == "POST /use/token?api-version=7.1");
}

BOOST_AUTO_TEST_CASE(adds_to_a_query_that_is_there) {
    url.set(mock.url() + "?job=1");
    BOOST_TEST(fetch("c").text() == "a-token");
    BOOST_TEST(request_of(mock.raw_requests().at(0)).line() ==
               "POST /use/token?job=1&api-version=7.1&serviceConnectionId=c");
}

BOOST_AUTO_TEST_CASE(names_a_variable_that_is_missing_and_what_gives_it) {
    token.set("");
    auto info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.option == "SYSTEM_ACCESSTOKEN");
    BOOST_TEST(contains(info.message, "SYSTEM_ACCESSTOKEN: $(System.AccessToken)"));
    url.set("");
    info = fetch().failure();
    BOOST_TEST(info.option == "SYSTEM_OIDCREQUESTURI");
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(H31_takes_no_page_to_sign_in_for_a_token) {
    for (unsigned const status : {203U, 302U, 401U}) {
        mock.always(mock_answer::with(status, "<html>sign in, body-canary</html>", "text/html"));
        auto const info = fetch().failure();
        BOOST_TEST(info.http_status == status);
        BOOST_TEST(info.attempts == 1U);
        BOOST_TEST(contains(info.message, "Azure Pipelines: "));
        BOOST_TEST(!contains(info.to_string(), "canary"));
    }
}

BOOST_AUTO_TEST_CASE(asks_again_after_503) {
    mock.next(mock_answer::with(503, ""));
    BOOST_TEST(fetch().text() == "a-token");
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(H33_sends_the_jobs_credential_by_tls_alone_and_writes_it_itself) {
    url.set("http://127.0.0.1:1/");
    BOOST_TEST(contains(fetch().failure().message, "SYSTEM_OIDCREQUESTURI is not https"));
    auto with = trusting();
    with.headers.emplace_back("authorization", sts::secret("x"));
    BOOST_TEST(
        contains(refusal([&] { sts::suppliers::azure_pipelines("", with); }), "http_options::headers"));
}

BOOST_AUTO_TEST_SUITE_END()
