// What a proxy may answer to CONNECT, and what is told of a refusal (section I of doc/faults.md).
#include "client/scripted_proxy.hpp"
#include "support/refused.hpp"

#include <cstddef>

using namespace test;
using sts::error_kind;
using sts::phase;

BOOST_FIXTURE_TEST_SUITE(through_a_proxy, through_proxy)

BOOST_AUTO_TEST_CASE(I1_any_2xx_is_a_success_in_pieces_of_any_size) {
    for (std::string const answer :
         {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n",
          "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}) {
        for (std::size_t const pieces : {0U, 1U, 7U}) {
            proxy.next = behaviour();
            proxy.next.answer = answer;
            proxy.next.pieces = pieces;
            BOOST_TEST(exchange(client(through())).has_value(), answer);
        }
    }
}

BOOST_AUTO_TEST_CASE(D28_a_success_may_have_no_reason) {
    for (std::string const answer : {"HTTP/1.1 200\r\n\r\n", "HTTP/1.0 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n",
                                     "HTTP/1.1 299\r\nProxy-agent: x\r\n\r\n"}) {
        for (std::size_t const pieces : {0U, 1U, 13U, 14U}) {
            proxy.next = behaviour();
            proxy.next.answer = answer;
            proxy.next.pieces = pieces;
            BOOST_TEST(exchange(client(through())).has_value(), answer);
        }
    }
}

BOOST_AUTO_TEST_CASE(I7_what_a_success_says_of_a_body_is_ignored) {
    for (std::string const fields :
         {"Content-Length: 6\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: x\r\n",
          "content-length:\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: gzip\r\n", "Content-Length: 6\r\nX: y\r\ntransfer-encoding: chunked\r\n",
          "Content-Length: 6,\r\n 7\r\n"}) {
        for (std::size_t const pieces : {0U, 1U}) {
            proxy.next = behaviour();
            proxy.next.answer = "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
            proxy.next.pieces = pieces;
            BOOST_TEST(exchange(client(through())).has_value(), fields);
        }
    }
}

BOOST_AUTO_TEST_CASE(I4_anything_but_a_bare_success_gets_nothing) {
    for (std::string const answer :
         {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
          "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\ncanary",
          "HTTP/1.1 502 Bad Gateway\r\n\r\n",
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n",
          "HTTP/1.1 302 Found\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ncanary",
          "HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length : 6\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: \x01\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 6\r\n\r\n",
          "HTTP/1.1 200 OK\nContent-Length: 6\n\n",
          "HTTP/1.1 403 Forbidden\r\nContent-Length: x\r\n\r\n",
          "HTTP/2.0 200 OK\r\n\r\n",
          "SSH-2.0-OpenSSH\r\n\r\n",
          "HTTP/1.1 2000 X\r\n\r\n",
          "HTTP/1.1 200X\r\n\r\n",
          "HTTP/1.1 20\r\n\r\n",
          "HTTP/1.1 403\r\n\r\n",
          "\r\n\r\n",
          ""}) {
        auto const before = proxy.heads.size();
        auto const info = refused(saying(answer));
        BOOST_TEST(info.kind == error_kind::proxy, answer);
        BOOST_TEST(info.phase == phase::proxy);
        BOOST_TEST(info.attempts == 1U);
        BOOST_TEST(!info.request_sent);
        BOOST_TEST(!contains(info.to_string(), "canary"));
        BOOST_TEST(proxy.heads.size() == before + 1);
    }
    BOOST_TEST(proxy.carried == "");
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(I4_a_refusal_is_none_of_the_subject_token) {
    for (std::string const status : {"400 Bad Request", "401 Unauthorized"}) {
        int asked = 0;
        auto const supplier =
            sts::suppliers::callback([&] { return sts::subject_token("t" + std::to_string(++asked)); });
        auto const before = proxy.heads.size();
        proxy.next = saying("HTTP/1.1 " + status + "\r\n\r\n");
        auto const info = failure(client(through()), sts::exchange_request(supplier));
        BOOST_TEST(info.kind == error_kind::proxy);
        BOOST_TEST(asked == 1);
        BOOST_TEST(proxy.heads.size() == before + 1);
    }
}

BOOST_AUTO_TEST_CASE(I4_a_refusal_tells_the_status) {
    auto const info = refused(saying("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
    BOOST_TEST(info.http_status == 407U);
    BOOST_TEST(contains(info.message, "credentials"));
}

BOOST_AUTO_TEST_CASE(I4_a_head_cut_anywhere_is_no_tunnel) {
    std::string const whole = "HTTP/1.1 200 OK\r\n\r\n";
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (bool const reset : {false, true}) {
            auto how = saying(whole.substr(0, at));
            how.reset = reset;
            auto const info = refused(std::move(how));
            BOOST_TEST(info.kind == error_kind::proxy, at);
        }
    }
}

BOOST_AUTO_TEST_CASE(I4_a_head_without_end_is_bounded) {
    auto const info = refused(saying("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')));
    BOOST_TEST(info.kind == error_kind::proxy);
}

BOOST_AUTO_TEST_CASE(I5_a_407_names_what_the_proxy_wants) {
    BOOST_TEST(refused(saying("HTTP/1.1 407\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n")).message ==
               "the proxy requires credentials (Basic, realm \"x\"): set user and password in its URL");
    BOOST_TEST(
        refused(saying("HTTP/1.1 407 X\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: Basic\r\n"
                       " realm=\"a b\"\r\nContent-Length: 6\r\n\r\ncanary"))
            .message == "the proxy requires credentials (Negotiate; Basic, realm \"a b\"): set user and "
                        "password in its URL");
}

BOOST_AUTO_TEST_CASE(I5_a_407_tells_whether_credentials_were_refused) {
    proxy.next = saying("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n");
    constexpr auto told = "the proxy refused the credentials that were sent (it accepts Basic, realm \"x\")";
    BOOST_TEST(contains(failure(client(through("user:password@"))).message, told));
    auto options = through();
    options.proxy_headers = {{"Proxy-Authorization", sts::secret("Bearer canary")}};
    BOOST_TEST(contains(failure(client(options)).message, told));
}

BOOST_AUTO_TEST_CASE(I6_a_407_that_wants_no_basic_says_so) {
    auto const info = refused(saying("HTTP/1.1 407 X\r\nProxy-Authenticate: Negotiate, NTLM\r\n\r\n"));
    BOOST_TEST(contains(info.message, "(Negotiate; NTLM)"), info.message);
    BOOST_TEST(contains(info.message, "it supports only Basic"), info.message);
}

BOOST_AUTO_TEST_CASE(I2_I8_a_407_that_repeats_our_secrets_shows_none) {
    auto options = through("user:p%40ss@");
    options.proxy_headers = {{"X-Key", sts::secret("canary-of-a-header")}};
    for (std::string const echo : {"p@ss", "user:p@ss", "dXNlcjpwQHNz", "canary-of-a-header"}) {
        proxy.next = saying("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"of " + echo + "\"\r\n\r\n");
        auto const info = failure(client(options));
        BOOST_TEST(contains(info.message, "realm \"of [redacted]\""), info.message);
        BOOST_TEST(!contains(info.to_string(), echo));
    }
}

BOOST_AUTO_TEST_SUITE_END()
