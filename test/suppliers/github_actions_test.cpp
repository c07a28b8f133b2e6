// The ID token of a job of GitHub Actions.
#include "suppliers/tls_mock_fixture.hpp"
#include "suppliers/variable.hpp"
#include "support/http_server.hpp"

#include <string>

using namespace test;
using sts::error_kind;
using sts::suppliers::http_options;
using sts::testing::mock_answer;

namespace {

struct job : tls_mock_fixture {
    variable url{"ACTIONS_ID_TOKEN_REQUEST_URL", mock.url() + "?api-version=2.0"};
    variable token{"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-canary"};

    job() { mock.always(mock_answer::with(200, R"({"count":1,"value":"a-token"})")); }

    fetching fetch(std::string const& audience = "equinix") { return fetch(audience, trusting()); }
    fetching fetch(std::string const& audience, http_options const& with) {
        return fetching(context, sts::suppliers::github_actions(audience, with));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(github_actions, job)

BOOST_AUTO_TEST_CASE(asks_as_the_job_was_told_to) {
    BOOST_TEST(fetch("https://a.test/b c&d").text() == "a-token");
    auto const request = mock.raw_requests().at(0);
    BOOST_TEST(request.starts_with(
        "GET /use/token?api-version=2.0&audience=https%3A%2F%2Fa.test%2Fb%20c%26d HTTP/1.1\r\n"));
    BOOST_TEST(contains(request, "\r\nAuthorization: Bearer request-canary\r\n"));
    BOOST_TEST(contains(request, "\r\nAccept: application/json\r\n"));
}

BOOST_AUTO_TEST_CASE(adds_a_query_where_there_is_none) {
    url.set(mock.url());
    BOOST_TEST(fetch().text() == "a-token");
    BOOST_TEST(mock.raw_requests().at(0).starts_with("GET /use/token?audience=equinix HTTP/1.1\r\n"));
}

BOOST_AUTO_TEST_CASE(reads_the_variables_at_each_use) {
    auto const supplier = sts::suppliers::github_actions("equinix", trusting());
    BOOST_TEST(fetching(context, supplier).text() == "a-token");
    sts::testing::mock_sts other;
    other.always(mock_answer::with(200, R"({"value":"another"})"));
    url.set(other.url());
    BOOST_TEST(fetching(context, supplier).failure().kind == error_kind::tls); // of its own authority
    BOOST_TEST(mock.requests() == 1U);
    url.set(mock.url());
    token.set("later");
    BOOST_TEST(fetching(context, supplier).text() == "a-token");
    BOOST_TEST(contains(mock.raw_requests().at(1), "Bearer later\r\n"));
}

BOOST_AUTO_TEST_CASE(names_a_variable_that_is_missing_and_what_gives_it) {
    for (auto* const one : {&url, &token}) {
        one->set("");
        auto const info = fetch().failure();
        BOOST_TEST(info.kind == error_kind::config);
        BOOST_TEST(contains(info.message,
                            one == &url ? "ACTIONS_ID_TOKEN_REQUEST_URL" : "ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
        BOOST_TEST(contains(info.message, "permissions: id-token: write"));
        url.set(mock.url());
    }
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(H33_sends_the_jobs_credential_by_tls_alone) {
    url.set("http://127.0.0.1:1/");
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "ACTIONS_ID_TOKEN_REQUEST_URL is not https"));
    BOOST_TEST(info.option == "ACTIONS_ID_TOKEN_REQUEST_URL");
}

BOOST_AUTO_TEST_CASE(refuses_a_credential_that_would_break_the_request) {
    token.set("canary\r\nX: y");
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
    BOOST_TEST(info.option == "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    BOOST_TEST(!contains(info.to_string(), "canary"));
}

BOOST_AUTO_TEST_CASE(tries_again_twice_after_403) {
    mock.next(mock_answer::with(403, ""));
    mock.next(mock_answer::with(403, ""));
    BOOST_TEST(fetch().text() == "a-token");
    mock.always(mock_answer::with(403, ""));
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::http);
    BOOST_TEST(info.http_status == 403U);
    BOOST_TEST(info.attempts == 3U);
}

BOOST_AUTO_TEST_CASE(takes_a_proxys_403_for_final) {
    http_server proxy;
    proxy.next(http_answer(403, ""));
    auto with = trusting();
    with.connection.proxy.emplace("127.0.0.1:" + std::to_string(proxy.port()));
    auto const info = fetch("equinix", with).failure();
    BOOST_TEST(info.kind == error_kind::proxy);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(proxy.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(leaves_it_to_the_users_own_classifier) {
    mock.always(mock_answer::with(403, ""));
    auto with = trusting();
    with.connection.retry.classifier = [](sts::error_info const&, unsigned) {
        return sts::retry_decision::by_default;
    };
    BOOST_TEST(fetch("equinix", with).failure().attempts == 1U);
}

BOOST_AUTO_TEST_CASE(tells_no_secret) {
    mock.always(mock_answer::with(401, "body-canary"));
    url.set(mock.url() + "?key=query-canary");
    BOOST_TEST(!contains(fetch().failure().to_string(), "canary"));
}

BOOST_AUTO_TEST_CASE(needs_an_audience_and_writes_its_credential_itself) {
    BOOST_TEST(contains(refusal([] { sts::suppliers::github_actions(""); }), "audience"));
    auto with = trusting();
    with.headers.emplace_back("authorization", sts::secret("x"));
    BOOST_TEST(
        contains(refusal([&] { sts::suppliers::github_actions("a", with); }), "http_options::headers"));
}

BOOST_AUTO_TEST_SUITE_END()
