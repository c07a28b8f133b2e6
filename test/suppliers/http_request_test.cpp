// Tokens fetched by HTTP with a method, a body and a place in the answer of the user's own.
#include "suppliers/fetching.hpp"
#include "support/http_server.hpp"

using namespace test;
using sts::suppliers::http_options;

namespace {

struct token_server {
    http_server server;
    asio::io_context context;

    std::string fetch(http_options options) {
        return fetching(context,
                        sts::suppliers::insecure_metadata_http(server.url("/token"), std::move(options)))
            .text();
    }
    std::string only_request() const {
        auto const all = server.requests();
        BOOST_REQUIRE(all.size() == 1U);
        return all.front();
    }
    static bool has(std::string const& request, std::string_view line) {
        return request.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
    }
};

std::string refusal_of(http_options const& options) {
    return refusal([&] { sts::suppliers::http("https://tokens.example/", options); });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(http_request, token_server)

BOOST_AUTO_TEST_CASE(a_body_is_sent_by_post_as_json) {
    server.next(http_answer(200, "a-token"));
    auto options = hasty_options();
    options.body = sts::secret(R"({"audience":"a"})");
    BOOST_TEST(fetch(std::move(options)) == "a-token");
    auto const request = only_request();
    BOOST_TEST(request.starts_with("POST /token HTTP/1.1\r\n"));
    BOOST_TEST(has(request, "Content-Length: 16"));
    BOOST_TEST(has(request, "Content-Type: application/json"));
    BOOST_TEST(request.ends_with("\r\n\r\n{\"audience\":\"a\"}"));
}

BOOST_AUTO_TEST_CASE(a_content_type_of_the_users_own_replaces_that_of_json) {
    server.next(http_answer(200, "a-token"));
    auto options = hasty_options();
    options.body = sts::secret("a=b");
    options.headers.emplace_back("content-type", sts::secret("application/x-www-form-urlencoded"));
    fetch(std::move(options));
    auto const request = only_request();
    BOOST_TEST(has(request, "content-type: application/x-www-form-urlencoded"));
    BOOST_TEST(request.find("application/json") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_post_without_a_body_says_that_it_has_none) {
    server.next(http_answer(200, "a-token"));
    auto options = hasty_options();
    options.method = "POST";
    fetch(std::move(options));
    auto const request = only_request();
    BOOST_TEST(request.starts_with("POST "));
    BOOST_TEST(has(request, "Content-Length: 0"));
    BOOST_TEST(request.find("Content-Type") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_get_has_neither_a_length_nor_a_type) {
    server.next(http_answer(200, "a-token"));
    fetch(hasty_options());
    auto const request = only_request();
    BOOST_TEST(request.starts_with("GET "));
    BOOST_TEST(request.find("Content-") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_token_that_is_deep_in_the_answer_is_named_by_a_json_pointer) {
    server.next(http_answer(200, R"({"data":{"ttl":60,"tokens":[{"value":"no"},{"value":"yes"}]}})",
                            "application/json"));
    auto options = hasty_options();
    options.json_pointer = "/data/tokens/1/value";
    BOOST_TEST(fetch(std::move(options)) == "yes");
    BOOST_TEST(has(only_request(), "Accept: application/json"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_meant_is_refused) {
    http_options options;
    options.method = "DELETE";
    BOOST_TEST(refusal_of(options) == "http_options::method must be GET, POST or PUT");
    options.method = "GET";
    options.body = sts::secret("canary");
    BOOST_TEST(refusal_of(options) == "http_options::body is set for a GET, which has none");
    options = http_options();
    options.json_pointer = "data.token";
    BOOST_TEST(refusal_of(options) ==
               "http_options::json_pointer is not a JSON pointer, such as /data/token (RFC 6901)");
    options.json_pointer = "/data/token";
    options.json_member = "token";
    BOOST_TEST(refusal_of(options) == "http_options::json_pointer and json_member exclude each other");
}

BOOST_AUTO_TEST_SUITE_END()
