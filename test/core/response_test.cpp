// Of which kind an answer is, by its status, media type and coding (sections D and H of doc/faults.md).
#include "core/response.hpp"
#include "core/response_judged.hpp"

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace sts = equinix::sts;
namespace core = equinix::sts::core;
using namespace test;
using sts::error_kind;

BOOST_AUTO_TEST_SUITE(response)

BOOST_AUTO_TEST_CASE(H17_a_refusal_without_an_oauth_error_is_http) {
    for (auto const* const body : {"<html>canary</html>", "", "{}", R"({"error":5})", R"({"error":""})",
                                   R"({"error":{"code":1}})", R"(["error"])", R"({"error":"x"} canary)"})
        BOOST_TEST((kind_of(400, body) == error_kind::http), body);
    for (unsigned const status : {401U, 403U, 404U, 405U, 406U, 413U, 415U, 501U, 597U})
        BOOST_TEST((kind_of(status, "") == error_kind::http), status);
    auto const judged = judge(400, "<html>canary</html>", exchange_context(), "text/html; charset=utf-8");
    BOOST_TEST(judged.error().to_string().find("text/html") != std::string::npos);
    BOOST_TEST(judged.error().to_string().find("canary") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(H18_a_gateways_answer_is_unavailable) {
    for (unsigned const status : {408U, 409U, 425U, 429U, 500U, 502U, 503U, 504U})
        BOOST_TEST((kind_of(status, "<html></html>", "text/html") == error_kind::unavailable), status);
}

BOOST_AUTO_TEST_CASE(H21_media_types) {
    for (auto const* const type :
         {"Application/JSON; Charset=\"UTF-8\"", "application/json;x=y", "text/json", ""})
        BOOST_TEST(judge(200, with("", ""), exchange_context(), type).has_value(), type);
    for (auto const* const type : {"application/problem+json", "text/plain", "application/jsonp", "json"})
        BOOST_TEST(judge(200, with("", ""), exchange_context(), type).has_error(), type);
}

BOOST_AUTO_TEST_CASE(D24_without_a_media_type_only_a_200_is_read) {
    BOOST_TEST(judge(200, with("", ""), exchange_context(), "").has_value());
    BOOST_TEST((kind_of(400, R"({"error":"x"})", "") == error_kind::http));
}

BOOST_AUTO_TEST_CASE(D14_a_content_coding_that_was_not_asked_for_is_malformed) {
    auto const body = with("", "");
    core::answer answer{200, "application/json", "gzip", "", body};
    BOOST_TEST((core::judge(answer, exchange_context()).error().kind == error_kind::malformed));
    answer.status = 503; // the status decides
    BOOST_TEST((core::judge(answer, exchange_context()).error().kind == error_kind::unavailable));
    answer.status = 200;
    answer.content_encoding = "Identity";
    BOOST_TEST(core::judge(answer, exchange_context()).has_value());
}

BOOST_AUTO_TEST_CASE(D17_a_status_without_a_body_is_malformed) {
    for (unsigned const status : {204U, 205U})
        BOOST_TEST((kind_of(status, "") == error_kind::malformed));
    BOOST_TEST((kind_of(200, "") == error_kind::malformed));
}

BOOST_AUTO_TEST_CASE(is_a_redirect_for_every_3xx) {
    for (unsigned const status : {300U, 301U, 302U, 303U, 304U, 307U, 308U})
        BOOST_TEST((kind_of(status, with("", "")) == error_kind::redirect), status);
}

BOOST_AUTO_TEST_CASE(is_http_for_another_success_even_with_a_token_in_it) {
    for (unsigned const status : {201U, 202U, 203U, 206U})
        BOOST_TEST((kind_of(status, with("", "")) == error_kind::http), status);
}

BOOST_AUTO_TEST_SUITE_END()
