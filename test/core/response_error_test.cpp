// What an error says (section H of doc/faults.md).
#include "core/response.hpp"
#include "core/response_judged.hpp"

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace sts = equinix::sts;
namespace core = equinix::sts::core;
using namespace test;
using std::chrono::seconds;
using sts::error_kind;

BOOST_AUTO_TEST_SUITE(response)

BOOST_AUTO_TEST_CASE(is_an_oauth_error_under_any_status_of_failure) {
    for (unsigned const status : {400U, 401U, 403U, 404U, 409U, 429U, 500U, 503U}) {
        auto const judged =
            judge(status, R"({"error":"invalid_target","error_description":"no","error_uri":"https://x"})");
        BOOST_REQUIRE(judged.has_error());
        auto const info = judged.error();
        BOOST_TEST((info.kind == error_kind::oauth));
        BOOST_TEST((info.phase == sts::phase::oauth));
        BOOST_TEST(info.http_status == status);
        BOOST_TEST(info.oauth_error == "invalid_target");
        BOOST_TEST(info.oauth_error_description == "no");
        BOOST_TEST(info.oauth_error_uri == "https://x");
    }
    BOOST_TEST((kind_of(400, R"({"error":"x"})", "application/problem+json") == error_kind::oauth));
}

BOOST_AUTO_TEST_CASE(H25_an_error_object_of_the_service_is_told_by_its_code) {
    auto const body =
        R"({"x":{"errorCode":"not this"},"error":{"errorCode":"internal-error","errorMessage":"it broke",)"
        R"("more":{"errorCode":"nor this"}},"errorCode":"nor that"})";
    for (unsigned const status : {400U, 401U, 403U, 404U, 422U}) {
        auto const judged = judge(status, body);
        BOOST_REQUIRE(judged.has_error());
        auto const info = judged.error();
        BOOST_TEST((info.kind == error_kind::http));
        BOOST_TEST((info.phase == sts::phase::oauth));
        BOOST_TEST(info.http_status == status);
        BOOST_TEST(info.oauth_error.empty());
        BOOST_TEST(info.service_code == "internal-error");
        BOOST_TEST(info.service_message == "it broke");
        BOOST_TEST(info.to_string().find("errorCode=internal-error") != std::string::npos);
    }
    auto const later = judge(503, body);
    BOOST_TEST((later.error().kind == error_kind::unavailable));
    BOOST_TEST(later.error().service_code == "internal-error");
}

BOOST_AUTO_TEST_CASE(H25_its_text_may_have_another_name) {
    BOOST_TEST(judge(400, R"({"error":{"message":"m","details":"d"}})").error().service_message == "m");
    BOOST_TEST(judge(400, R"({"error":{"details":"d"}})").error().service_message == "d");
    BOOST_TEST(judge(400, R"({"error":{"message":7,"details":["d"]}})").error().service_message.empty());
}

BOOST_AUTO_TEST_CASE(reads_camel_case_members_of_an_error) {
    auto const info =
        judge(400, R"({"error":"invalid_scope","errorDescription":"why","errorUri":"https://e.test"})")
            .error();
    BOOST_TEST((info.kind == error_kind::oauth));
    BOOST_TEST(info.oauth_error_description == "why");
    BOOST_TEST(info.oauth_error_uri == "https://e.test");
}

BOOST_AUTO_TEST_CASE(a_scope_that_was_refused_is_named) {
    auto context = exchange_context();
    context.scope = "roleassignments:4711";
    auto const told = [&](char const* code) {
        return judge(400, R"({"error":")" + std::string(code) + R"("})", context).error().message;
    };
    BOOST_TEST(told("invalid_scope") == "the service refused the scope 'roleassignments:4711'");
    BOOST_TEST(told("invalid_grant") == "the service refused the request");
}

BOOST_AUTO_TEST_CASE(H26_the_url_is_doubted_only_where_it_may_be_wrong) {
    auto const says = [](unsigned status, std::string_view target, std::string_view body = "") {
        auto context = exchange_context();
        context.target = target;
        return judge(status, body, context, body.empty() ? "text/html" : "application/json").error().message;
    };
    auto const names = [](std::string const& text, char const* part) {
        return text.find(part) != std::string::npos;
    };
    for (unsigned const status : {404U, 405U}) {
        BOOST_TEST(names(says(status, "/use/token"), "the token operation is also at /v1/token"));
        BOOST_TEST(names(says(status, "/v1/token?x=1"), "the token operation is also at /use/token"));
        BOOST_TEST(names(says(status, "/token"), "check the endpoint's URL"));
        BOOST_TEST(names(says(status, "/"), "has no path"));
        BOOST_TEST(names(says(status, "/use/token", R"({"error":{"errorCode":"x"}})"), "/v1/token"));
    }
    BOOST_TEST(names(says(400, "/"), "has no path"));
    for (unsigned const status : {400U, 401U, 403U, 413U, 415U})
        BOOST_TEST(!names(says(status, "/use/token"), "URL"), status);
}

BOOST_AUTO_TEST_CASE(carries_what_retry_after_says) {
    core::answer answer{503, "text/html", "", "7", ""};
    BOOST_TEST((core::judge(answer, exchange_context()).error().retry_after == seconds(7)));
    answer.retry_after = "Thu, 01 Jan 1970 00:33:31 GMT";
    BOOST_TEST((core::judge(answer, exchange_context()).error().retry_after == seconds(10)));
    answer.retry_after = "soon";
    BOOST_TEST(!core::judge(answer, exchange_context()).error().retry_after.has_value());
}

BOOST_AUTO_TEST_CASE(never_gives_back_the_requests_secrets) {
    std::string const token = "eyJhbGciOiJFUzI1NiJ9.canary-payload.canary-signature";
    std::string_view const secrets[] = {token, "pw"};
    auto context = exchange_context();
    context.secrets = secrets;
    auto const judged = judge(400,
                              R"({"error":"x )" + token + R"( y","error_description":"token )" + token +
                                  R"( with pw; and its part canary-payload.can"})",
                              context);
    auto const text = judged.error().to_string();
    BOOST_TEST(text.find("canary") == std::string::npos, text);
    BOOST_TEST(text.find("pw") == std::string::npos, text);
    BOOST_TEST(judged.error().oauth_error == "x [redacted] y");
    BOOST_TEST(judged.error().oauth_error_description ==
               "token [redacted] with [redacted]; and its part [redacted]");
}

BOOST_AUTO_TEST_SUITE_END()
