// Exchanges through a proxy (section I of doc/faults.md).
#include "client/scripted_proxy.hpp"
#include "support/refused.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using tcp = asio::ip::tcp;

BOOST_FIXTURE_TEST_SUITE(through_a_proxy, through_proxy)

BOOST_AUTO_TEST_CASE(I1_the_tunnel_is_end_to_end_and_reused) {
    auto const sts_client = client(through());
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    auto const asked = "CONNECT localhost:" + std::to_string(mock.port()) +
                       " HTTP/1.1\r\nHost: localhost:" + std::to_string(mock.port()) +
                       "\r\nUser-Agent: equinix-sts-cpp/" EQUINIX_STS_VERSION "\r\n\r\n";
    BOOST_REQUIRE(proxy.heads.size() == 1U);
    BOOST_TEST(proxy.heads[0] == asked);
    BOOST_TEST(!contains(proxy.carried, "/use/token"));
    BOOST_TEST(!contains(proxy.carried, "subject_token"));
}

BOOST_AUTO_TEST_CASE(I1_I2_credentials_go_to_the_proxy_alone) {
    BOOST_TEST(exchange(client(through("us%65r:p%40ss@"))).has_value());
    BOOST_REQUIRE(proxy.heads.size() == 1U);
    BOOST_TEST(contains(proxy.heads[0], "\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n"));
    BOOST_TEST(!contains(mock.raw_requests()[0], "Proxy-"));
    BOOST_TEST(!contains(mock.raw_requests()[0], "dXNlcjpwQHNz"));
}

BOOST_AUTO_TEST_CASE(I8_the_proxys_headers_go_to_the_proxy_alone_and_the_others_to_the_endpoint) {
    auto options = through();
    options.user_agent = "billing/2.1";
    options.headers = {{"X-For-The-Endpoint", "one"}};
    options.proxy_headers = {{"X-For-The-Proxy", sts::secret("two")}};
    BOOST_TEST(exchange(client(options)).has_value());
    BOOST_REQUIRE(proxy.heads.size() == 1U);
    BOOST_TEST(contains(proxy.heads[0], "\r\nUser-Agent: billing/2.1 equinix-sts-cpp/"));
    BOOST_TEST(contains(proxy.heads[0], "\r\nX-For-The-Proxy: two\r\n"));
    BOOST_TEST(!contains(proxy.heads[0], "X-For-The-Endpoint"));
    BOOST_TEST(contains(mock.raw_requests()[0], "\r\nX-For-The-Endpoint: one\r\n"));
    BOOST_TEST(!contains(mock.raw_requests()[0], "X-For-The-Proxy"));
}

BOOST_AUTO_TEST_CASE(I8_a_header_that_cannot_be_sent_is_refused_when_the_client_is_made) {
    auto options = through("user:password@");
    options.proxy_headers = {{"Proxy-Authorization", sts::secret("Bearer canary")}};
    auto const message = refusal([&] { client(options); });
    BOOST_TEST(contains(message, "client_options::proxy_headers: 'Proxy-Authorization'"), message);
    BOOST_TEST(!contains(message, "canary"));
}

BOOST_AUTO_TEST_CASE(I1_the_origins_certificate_is_verified_through_the_tunnel) {
    auto options = through();
    options.tls.ca_pem = sts::testing::mock_sts().ca_pem();
    BOOST_TEST(failure(client(options)).kind == error_kind::tls);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(a_tunnel_to_an_ipv6_address_has_brackets) {
    auto options = through();
    options.endpoint = sts::endpoint("https://[::1]:" + std::to_string(mock.port()) + "/use/token");
    proxy.next = saying("HTTP/1.1 403 Forbidden\r\n\r\n");
    failure(client(options));
    BOOST_REQUIRE(!proxy.heads.empty());
    BOOST_TEST(proxy.heads[0].starts_with("CONNECT [::1]:" + std::to_string(mock.port()) + " HTTP/1.1\r\n"));
}

BOOST_AUTO_TEST_CASE(I9_a_proxy_that_restarts_is_tried_again) {
    std::vector<behaviour> restarting;
    for (std::string const status :
         {"429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"})
        restarting.push_back(saying("HTTP/1.1 " + status + "\r\n\r\n"));
    restarting.push_back(saying("")); // closes
    restarting.push_back(saying("HTTP/1.1 2"));
    restarting.push_back(saying(""));
    restarting.back().reset = true;
    for (auto const& how : restarting) {
        proxy.once = how;
        auto const before = proxy.heads.size();
        BOOST_TEST(exchange(client(through())).has_value(), how.answer);
        BOOST_TEST(proxy.heads.size() == before + 2);
    }
}

BOOST_AUTO_TEST_CASE(I9_a_proxy_that_refuses_is_not) {
    for (std::string const status : {"403 Forbidden", "407 Proxy Authentication Required", "404 Not Found"}) {
        proxy.once = saying("HTTP/1.1 " + status + "\r\n\r\n");
        auto const before = proxy.heads.size();
        auto const info = failure(client(through()));
        BOOST_TEST(info.kind == error_kind::proxy, status);
        BOOST_TEST(!info.retryable());
        BOOST_TEST(info.attempts == 1U);
        BOOST_TEST(proxy.heads.size() == before + 1);
    }
}

BOOST_AUTO_TEST_CASE(I4_F5_a_silent_proxy_is_a_timeout) {
    behaviour silent;
    silent.silent = true;
    proxy.next = silent;
    auto options = through();
    options.connect_timeout = 50ms;
    options.retry.max_attempts = 1;
    auto const bound = failure(client(options));
    BOOST_TEST(bound.kind == error_kind::timeout);
    BOOST_TEST(bound.phase == phase::proxy);
    BOOST_TEST(bound.attempts == 1U);
    auto const deadline = failure(client(through()), request().timeout(50ms));
    BOOST_TEST(deadline.kind == error_kind::timeout);
    BOOST_TEST(deadline.phase == phase::proxy);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_cannot_be_reached_is_named) {
    auto options = this->options();
    {
        tcp::acceptor const gone(context, {asio::ip::address_v4::loopback(), 0});
        options.proxy.emplace("127.0.0.1:" + std::to_string(gone.local_endpoint().port()));
    }
    options.retry.max_attempts = 1;
    auto const info = failure(client(options));
    BOOST_TEST(info.kind == error_kind::connect);
    BOOST_TEST(contains(info.message, "the proxy"));
}

BOOST_AUTO_TEST_CASE(I3_the_environments_proxy_is_ignored_unless_asked_for) {
    ::setenv("https_proxy", "http://127.0.0.1:1", 1);
    BOOST_TEST(exchange(client()).has_value());
    ::setenv("https_proxy", proxy.url().c_str(), 1);
    auto options = this->options();
    options.proxy = sts::proxy::from_environment(options.endpoint);
    BOOST_TEST(exchange(client(options)).has_value());
    ::unsetenv("https_proxy");
    BOOST_TEST(proxy.heads.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
