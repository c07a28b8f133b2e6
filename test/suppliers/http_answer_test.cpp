// Answers by HTTP: what is taken for a token, what the status means, and what no error tells.
#include "suppliers/plain_http_fixture.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

BOOST_FIXTURE_TEST_SUITE(token_in_an_answer, plain_http_fixture)

BOOST_AUTO_TEST_CASE(is_the_body_without_white_space_at_both_ends) {
    server.next(http_answer(200, " \t\r\na.b.c\r\n"));
    BOOST_TEST(text(supplier()) == "a.b.c");
}

BOOST_AUTO_TEST_CASE(is_of_the_type_of_the_options) {
    auto options = hasty_options();
    options.type = sts::token_types::jwt;
    BOOST_TEST(fetching(context, supplier(options)).token().type() == sts::token_types::jwt);
}

BOOST_AUTO_TEST_CASE(is_the_member_of_the_outermost_object) {
    server.next(http_answer(200, R"({"a":{"value":"no"},"value":"y\u0065s","b":["value"]})"));
    BOOST_TEST(text(supplier(with_member("value"))) == "yes");
}

BOOST_AUTO_TEST_CASE(may_end_with_the_connection) {
    server.next("HTTP/1.0 200 OK\r\n\r\nto-the-end");
    BOOST_TEST(text(supplier()) == "to-the-end");
}

BOOST_AUTO_TEST_CASE(may_come_in_chunks) {
    server.next("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    BOOST_TEST(text(supplier()) == "abcde");
}

BOOST_AUTO_TEST_CASE(is_refused_when_it_is_none) {
    for (auto const* const body :
         {"", " \r\n", "two words", "two\nlines", "nul\x01", "\xc3\xa9", "<html> </html>"}) {
        auto const info = failure_with(http_answer(200, body));
        BOOST_TEST(info.kind == error_kind::malformed, body);
        BOOST_TEST(info.http_status == 200U);
    }
}

BOOST_AUTO_TEST_CASE(is_refused_beyond_64_KiB) {
    std::string const longest(std::size_t(64) * 1024, 'x');
    server.next(http_answer(200, longest + "\n"));
    BOOST_TEST((text(supplier()) == longest));
    BOOST_TEST(failure_with(http_answer(200, longest + "x")).kind == error_kind::malformed);
}

BOOST_AUTO_TEST_CASE(is_refused_in_a_body_beyond_the_limit) {
    auto options = one_attempt();
    options.connection.limits.max_body = 1024;
    BOOST_TEST(failure_with(http_answer(200, std::string(1025, 'x')), options).kind == error_kind::limit);
}

BOOST_AUTO_TEST_CASE(is_refused_in_what_is_no_object_with_one_such_text) {
    auto const deep = std::string(std::size_t(40), '[') + std::string(std::size_t(40), ']') + "}";
    for (auto const& body :
         {std::string(), std::string("t"), std::string("\"t\""), std::string("[\"t\"]"), std::string("{"),
          std::string("{}"), std::string(R"({"value":1})"), std::string(R"({"value":null})"),
          std::string(R"({"value":["t"]})"), std::string(R"({"value":""})"),
          std::string(R"({"value":"a b"})"), std::string(R"({"value":"t","value":"u"})"),
          std::string(R"({"value":"t"} x)"), R"({"value":"t","a":)" + deep}) {
        auto const info = failure_with(http_answer(200, body), with_member("value"));
        BOOST_TEST(info.kind == error_kind::malformed, body);
        BOOST_TEST(info.attempts == 1U);
    }
}

BOOST_AUTO_TEST_CASE(is_refused_in_a_coding_that_was_not_asked_for) {
    auto const info = failure_with(http_answer(200, "t", "text/plain", "Content-Encoding: gzip\r\n"));
    BOOST_TEST(info.kind == error_kind::malformed);
}

BOOST_AUTO_TEST_CASE(is_refused_when_it_is_cut) {
    BOOST_TEST(failure_with("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").kind ==
               error_kind::truncated);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(status_of_an_answer, plain_http_fixture)

BOOST_AUTO_TEST_CASE(that_says_later_is_followed_by_another_attempt) {
    server.next(http_answer(503, "busy"));
    server.next(http_answer(429, "busy"));
    BOOST_TEST(text(supplier()) == "a-token");
    BOOST_TEST(server.connections() == 3U);
}

BOOST_AUTO_TEST_CASE(that_says_later_to_the_last_attempt_is_unavailable) {
    auto options = hasty_options();
    options.connection.retry.max_attempts = 2;
    server.next(http_answer(500, "busy"));
    auto const info =
        failure_with(http_answer(503, "busy", "text/plain", "Retry-After: 7\r\n"), std::move(options));
    BOOST_TEST(info.kind == error_kind::unavailable);
    BOOST_TEST(info.http_status == 503U);
    BOOST_TEST(info.attempts == 2U);
    BOOST_TEST((info.retry_after == 7s));
}

BOOST_AUTO_TEST_CASE(that_is_another_is_final) {
    for (unsigned const status : {201U, 204U, 400U, 401U, 403U, 410U}) {
        auto const info = failure_with(http_answer(status, ""), hasty_options());
        BOOST_TEST(info.kind == error_kind::http, status);
        BOOST_TEST(info.http_status == status);
        BOOST_TEST(info.attempts == 1U);
    }
}

BOOST_AUTO_TEST_CASE(G16_of_a_metadata_server_that_has_not_begun_is_asked_for_again) {
    server.next(http_answer(404, ""));
    server.next(http_answer(503, ""));
    BOOST_TEST(text(supplier(hasty_options())) != "");
    BOOST_TEST(server.requests().size() == 3U);
}

BOOST_AUTO_TEST_CASE(that_redirects_is_not_followed) {
    for (unsigned const status : {301U, 302U, 307U, 308U}) {
        auto const info = failure_with(http_answer(status, "", "text/plain", "Location: /other\r\n"));
        BOOST_TEST(info.kind == error_kind::redirect, status);
    }
    BOOST_TEST(server.requests().size() == 4U);
}

BOOST_AUTO_TEST_CASE(and_body_bring_no_secret_into_an_error) {
    auto options = with_header("Authorization", "header-canary");
    options.json_member = "value";
    options.connection.retry.max_attempts = 1;
    for (auto const& answer :
         {http_answer(200, R"({"value":"body-canary","value":""})"), http_answer(200, "body-canary"),
          http_answer(200, R"({"value":"body canary"})"), http_answer(404, "body-canary"),
          http_answer(503, "body-canary"), http_answer(302, "body-canary"),
          http_answer(400, R"({"error":"body-canary"})", "application/json"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbody-canary"),
          std::string("body-canary")}) {
        server.next(answer);
        auto const from = supplier(options, "/token?key=query-canary");
        BOOST_TEST(!contains(failure(from).to_string(), "canary"), answer);
        BOOST_TEST(!contains(from->describe(), "canary"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
