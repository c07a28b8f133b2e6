// Through a proxy that does as a script says (section I of doc/faults.md).
#include "support/refused.hpp"
#include "support/service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using tcp = asio::ip::tcp;

namespace {

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

/// What the proxy does when it has read a request's head.
struct behaviour {
    std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    bool tunnel = true;     ///< carry bytes to where it was asked to
    bool silent = false;    ///< answer nothing
    bool reset = false;     ///< end by RST instead of FIN
    std::size_t pieces = 0; ///< bytes a write
};

/// A proxy on the test's own context.
class scripted_proxy {
public:
    explicit scripted_proxy(asio::io_context& context)
        : context_(context), listening_(context, {asio::ip::address_v4::loopback(), 0}) {
        asio::co_spawn(context_, accept(), asio::detached);
    }
    std::string url(std::string const& credentials = "") const {
        return "http://" + credentials + "127.0.0.1:" + std::to_string(listening_.local_endpoint().port());
    }

    behaviour next;
    std::optional<behaviour> once; ///< before that
    std::vector<std::string> heads;
    std::string carried; ///< all that it saw go by, both ways

private:
    asio::awaitable<void> accept() {
        for (;;) {
            auto accepted = co_await listening_.async_accept(quiet);
            auto& [ec, socket] = accepted;
            if (ec) co_return;
            asio::co_spawn(context_, serve(std::make_shared<tcp::socket>(std::move(socket))), asio::detached);
        }
    }
    asio::awaitable<void> serve(std::shared_ptr<tcp::socket> peer) {
        auto const how = once ? *std::exchange(once, std::nullopt) : next;
        std::string head;
        auto const got =
            co_await asio::async_read_until(*peer, asio::dynamic_buffer(head), "\r\n\r\n", quiet);
        if (std::get<0>(got)) co_return;
        heads.push_back(head);
        if (how.silent) {
            char byte = 0;
            co_await peer->async_read_some(asio::buffer(&byte, 1), quiet); // until the client leaves
            co_return;
        }
        auto const size = how.pieces == 0 ? how.answer.size() : how.pieces;
        for (std::size_t at = 0; at < how.answer.size(); at += size) {
            auto const piece = how.answer.substr(at, size);
            co_await asio::async_write(*peer, asio::buffer(piece), quiet);
        }
        if (how.reset) peer->set_option(asio::socket_base::linger(true, 0));
        if (!how.tunnel) co_return;
        auto const port = head.substr(head.find(':') + 1);
        auto origin = std::make_shared<tcp::socket>(context_);
        tcp::endpoint const to(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(port)));
        co_await origin->async_connect(to, quiet);
        asio::co_spawn(context_, carry(origin, peer), asio::detached);
        co_await carry(peer, origin);
    }
    asio::awaitable<void> carry(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to) {
        std::array<char, 4096> block; // NOLINT: filled by the read
        for (;;) {
            auto const got = co_await from->async_read_some(asio::buffer(block), quiet);
            if (std::get<0>(got)) break;
            carried.append(block.data(), std::get<1>(got));
            co_await asio::async_write(*to, asio::buffer(block, std::get<1>(got)), quiet);
        }
        boost::system::error_code ignored;
        to->shutdown(tcp::socket::shutdown_send, ignored);
    }

    asio::io_context& context_;
    tcp::acceptor listening_;
};

struct fixture : service {
    scripted_proxy proxy{context};

    sts::client_options through(std::string const& credentials = "") const {
        auto made = options();
        made.proxy.emplace(proxy.url(credentials));
        made.retry.base_delay = 1ns;
        return made;
    }
    sts::error_info refused(behaviour how) {
        proxy.next = std::move(how);
        auto options = through();
        options.retry.max_attempts = 1;
        return failure(client(options));
    }
};

behaviour saying(std::string answer) {
    behaviour made;
    made.answer = std::move(answer);
    made.tunnel = false;
    return made;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(through_a_proxy, fixture)

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
