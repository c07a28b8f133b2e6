// Tokens fetched by HTTP: what is asked, and of whom by HTTPS.
#include "suppliers/plain_http_fixture.hpp"
#include "suppliers/tls_mock_fixture.hpp"

#include <equinix/sts/version.hpp>

#include <boost/asio/steady_timer.hpp>

#include <string>
#include <string_view>

using namespace test;
using sts::error_kind;
using sts::suppliers::http_options;
using sts::testing::mock_answer;

namespace {

constexpr std::string_view ours = "equinix-sts-cpp/" EQUINIX_STS_VERSION;

struct encrypted : tls_mock_fixture {
    void answer_by_token() { mock.always(mock_answer::with(200, "a-token", "text/plain")); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(request_of_a_token, plain_http_fixture)

BOOST_AUTO_TEST_CASE(is_these_bytes) {
    BOOST_TEST(text(supplier(hasty_options(), "/a/b?c=d%20e")) == "a-token");
    BOOST_TEST(only_request() == "GET /a/b?c=d%20e HTTP/1.1\r\n"
                                 "Host: 127.0.0.1:" +
                                     std::to_string(server.port()) +
                                     "\r\n"
                                     "User-Agent: " +
                                     std::string(ours) +
                                     "\r\n"
                                     "Accept: */*\r\n"
                                     "Connection: close\r\n"
                                     "\r\n");
}

BOOST_AUTO_TEST_CASE(asks_for_json_where_a_member_is_wanted) {
    server.next(http_answer(200, R"({"value":"t"})", "application/json"));
    BOOST_TEST(text(supplier(with_member("value"))) == "t");
    BOOST_TEST(contains(only_request(), "\r\nAccept: application/json\r\n"));
}

BOOST_AUTO_TEST_CASE(carries_the_headers_of_the_options_in_their_order) {
    auto options = with_header("X-Key", "k y");
    options.headers.emplace_back("Authorization", sts::secret("Bearer abc"));
    BOOST_TEST(text(supplier(options)) == "a-token");
    BOOST_TEST(contains(only_request(), "\r\nX-Key: k y\r\nAuthorization: Bearer abc\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(names_the_product) {
    auto options = hasty_options();
    options.connection.user_agent = "billing/2.1";
    BOOST_TEST(text(supplier(options)) == "a-token");
    BOOST_TEST(contains(only_request(), "\r\nUser-Agent: billing/2.1 " + std::string(ours) + "\r\n"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(fetch_over_https, encrypted)

BOOST_AUTO_TEST_CASE(brings_a_token) {
    answer_by_token();
    BOOST_TEST(fetching(context, sts::suppliers::http(mock.url(), trusting())).text() == "a-token");
    BOOST_TEST(mock.raw_requests().at(0).starts_with("GET /use/token HTTP/1.1\r\n"));
}

BOOST_AUTO_TEST_CASE(goes_to_nobody_who_is_not_verified) {
    answer_by_token();
    auto options = trusting();
    options.connection.tls.ca_pem = sts::testing::mock_sts().ca_pem();
    auto const info = fetching(context, sts::suppliers::http(mock.url(), options)).failure();
    BOOST_TEST(info.kind == error_kind::tls);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_open) {
    answer_by_token();
    asio::steady_timer const timer(context);
    auto const from = sts::suppliers::http(mock.url(), trusting());
    BOOST_TEST(fetching(context, from).text() == "a-token");
    context.restart();
    context.run();
    BOOST_TEST(fetching(context, from).text() == "a-token");
    BOOST_TEST(mock.handshakes() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
