// Tokens fetched by HTTP: what is asked, what is taken for a token, and what never goes out.
#include "suppliers/fetching.hpp"
#include "support/descriptors.hpp"
#include "support/http_server.hpp"

#include <equinix/sts/testing/mock_sts.hpp>
#include <equinix/sts/version.hpp>

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <list>
#include <thread>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::suppliers::http_options;
using sts::suppliers::supplier_ptr;
using sts::testing::mock_answer;

namespace {

constexpr std::string_view ours = "equinix-sts-cpp/" EQUINIX_STS_VERSION;

struct plain {
    http_server server;
    asio::io_context context;

    supplier_ptr supplier(http_options options = hasty_options(),
                          std::string const& target = "/token") const {
        return sts::suppliers::insecure_metadata_http(server.url(target), std::move(options));
    }
    static http_options with_member(std::string name) {
        auto made = hasty_options();
        made.json_member = std::move(name);
        return made;
    }
    static http_options with_header(std::string name, std::string const& value) {
        auto made = hasty_options();
        made.headers.emplace_back(std::move(name), sts::secret(value));
        return made;
    }
    static http_options one_attempt() {
        auto made = hasty_options();
        made.connection.retry.max_attempts = 1;
        return made;
    }

    std::string text(supplier_ptr const& from) { return fetching(context, from).text(); }
    sts::error_info failure(supplier_ptr const& from) { return fetching(context, from).failure(); }
    sts::error_info failure_with(std::string answer, http_options options = one_attempt()) {
        server.next(std::move(answer));
        return failure(supplier(std::move(options)));
    }
    std::string only_request() const {
        auto const all = server.requests();
        BOOST_REQUIRE(all.size() == 1U);
        return all.front();
    }
    /// Runs what is left to the end, which must come by itself.
    void run_out() {
        context.restart();
        context.run();
    }
};

struct encrypted {
    sts::testing::mock_sts mock;
    asio::io_context context;

    http_options trusting() const {
        auto made = hasty_options();
        made.connection.tls.ca_pem = mock.ca_pem();
        return made;
    }
    void answer_by_token() { mock.always(mock_answer::with(200, "a-token", "text/plain")); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(request_of_a_token, plain)

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

BOOST_FIXTURE_TEST_SUITE(token_in_an_answer, plain)

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

BOOST_FIXTURE_TEST_SUITE(status_of_an_answer, plain)

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

BOOST_AUTO_TEST_SUITE(settings_of_a_fetch)

BOOST_AUTO_TEST_CASE(refuse_a_url_that_cannot_be_meant) {
    for (auto const* const url :
         {"", "a.test", "s:^", "http://a.test/", "ftp://a.test/", "https:///x", "https://canary@a.test/",
          "https://u:canary@a.test/", "https://a.test/#canary", "https://a.test:0/", "https://a.test:99999/",
          "https://a.test:x/", "https://127.1/", "https://a b/"}) {
        auto const message = refusal([&] { sts::suppliers::http(url); });
        BOOST_TEST(contains(message, "suppliers::http: the URL"), url);
        BOOST_TEST(!contains(message, "canary"));
    }
    for (auto const* const url :
         {"https://127.0.0.1/", "http://canary@127.0.0.1/", "http://127.0.0.1/#canary"})
        BOOST_TEST(!contains(refusal([&] { sts::suppliers::insecure_metadata_http(url); }), "canary"), url);
}

BOOST_AUTO_TEST_CASE(refuse_plain_http_to_an_address_behind_a_router) {
    for (auto const* const host :
         {"10.0.0.1", "192.0.2.1", "172.16.0.1", "169.253.1.1", "0.0.0.0", "[2001:db8::1]", "[fd00:ec2::255]",
          "[fc00::1]", "[::]", "[::ffff:10.0.0.1]"})
        BOOST_TEST(contains(refusal([&] {
                                sts::suppliers::insecure_metadata_http("http://" + std::string(host) + "/");
                            }),
                            "neither loopback nor link-local"),
                   host);
}

BOOST_AUTO_TEST_CASE(allow_plain_http_to_the_machine_and_its_link) {
    for (auto const* const host : {"127.0.0.1", "127.255.255.254", "169.254.169.254", "[::1]", "[fe80::1]",
                                   "[fd00:ec2::254]", "[::ffff:127.0.0.1]", "localhost"})
        BOOST_CHECK_NO_THROW(sts::suppliers::insecure_metadata_http("http://" + std::string(host) + "/"));
}

BOOST_AUTO_TEST_CASE(refuse_a_header_by_its_name_alone) {
    for (auto const* const name : {"Host", "user-agent", "Accept", "Accept-Encoding", "Connection", "Upgrade",
                                   "Content-Length", "Transfer-Encoding", "X-Key", "a b", ""}) {
        http_options options;
        options.headers.emplace_back(name, sts::secret("canary\r\n"));
        auto const message = refusal([&] { sts::suppliers::http("https://a.test/", options); });
        BOOST_TEST(contains(message, "http_options::headers"), name);
        if (*name >= 'A') BOOST_TEST((contains(message, name) || contains(name, " ")), name);
        BOOST_TEST(!contains(message, "canary"));
    }
}

BOOST_AUTO_TEST_CASE(refuse_an_option_of_the_connection_out_of_its_range) {
    http_options options;
    options.connection.timeout = 0s;
    BOOST_TEST(contains(refusal([&] { sts::suppliers::http("https://a.test/", options); }), "timeout"));
    options.connection.timeout = 1s;
    options.connection.user_agent = "a\r\nb";
    BOOST_TEST(contains(refusal([&] { sts::suppliers::http("https://a.test/", options); }), "user_agent"));
}

BOOST_AUTO_TEST_CASE(refuse_a_type_that_is_none) {
    http_options options;
    options.type = "";
    BOOST_TEST(contains(refusal([&] { sts::suppliers::http("https://a.test/", options); }), "type"));
}

BOOST_AUTO_TEST_CASE(do_not_touch_files_before_the_first_fetch) {
    http_options options;
    options.connection.tls.ca_file = "/no/such/file";
    auto const supplier = sts::suppliers::http("https://127.0.0.1:1/", options);
    asio::io_context context;
    auto const info = fetching(context, supplier).failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "/no/such/file"));
}

BOOST_AUTO_TEST_CASE(are_told_without_the_query) {
    BOOST_TEST(sts::suppliers::http("https://A.test:8443/p?key=x")->describe() ==
               "URL 'https://a.test:8443/p'");
    BOOST_TEST(sts::suppliers::insecure_metadata_http("http://[::1]")->describe() == "URL 'http://[::1]/'");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(fetch_over_plain_http, plain)

BOOST_AUTO_TEST_CASE(goes_to_localhost) {
    auto const from = sts::suppliers::insecure_metadata_http(
        "http://localhost:" + std::to_string(server.port()) + "/", hasty_options());
    BOOST_TEST(text(from) == "a-token");
    BOOST_TEST(contains(only_request(), "\r\nHost: localhost:" + std::to_string(server.port()) + "\r\n"));
}

BOOST_AUTO_TEST_CASE(never_goes_through_a_proxy) {
    auto options = one_attempt();
    options.connection.proxy.emplace("http://127.0.0.1:1");
    BOOST_TEST(text(supplier(options)) == "a-token");
}

BOOST_AUTO_TEST_CASE(needs_no_authority) {
    auto options = one_attempt();
    options.connection.tls.ca_file = "/no/such/file";
    BOOST_TEST(text(supplier(options)) == "a-token");
}

BOOST_AUTO_TEST_CASE(tells_that_nobody_listens) {
    auto const nobody = [] {
        asio::io_context context;
        asio::ip::tcp::acceptor const gone(context, {asio::ip::address_v4::loopback(), 0});
        return gone.local_endpoint().port();
    }();
    auto const from = sts::suppliers::insecure_metadata_http(
        "http://127.0.0.1:" + std::to_string(nobody) + "/", one_attempt());
    auto const info = failure(from);
    BOOST_TEST(info.kind == error_kind::connect);
    BOOST_TEST(contains(info.message, from->describe()));
}

BOOST_AUTO_TEST_CASE(has_a_connection_of_its_own) {
    auto const from = supplier();
    fetching one(context, from), two(context, from);
    BOOST_TEST(one.text() == "a-token");
    BOOST_TEST(two.text() == "a-token");
    BOOST_TEST(text(from) == "a-token");
    BOOST_TEST(server.connections() == 3U);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_open) {
    asio::steady_timer const timer(context); // has the context open what it works with
    auto const descriptors = open_descriptors();
    auto const from = supplier();
    BOOST_TEST(text(from) == "a-token");
    run_out();
    BOOST_TEST(eventually([&] { return open_descriptors() <= descriptors; }));
}

BOOST_AUTO_TEST_CASE(ends_with_the_callers_deadline) {
    server.fall_silent();
    auto const info = fetching(context, supplier(), std::chrono::steady_clock::now() + 60ms).failure();
    BOOST_TEST(info.kind == error_kind::timeout);
    run_out();
}

BOOST_AUTO_TEST_CASE(ends_with_its_own_timeout) {
    server.fall_silent();
    auto options = hasty_options();
    options.connection.timeout = 60ms;
    BOOST_TEST(failure(supplier(options)).kind == error_kind::timeout);
}

BOOST_AUTO_TEST_CASE(does_not_begin_after_the_deadline) {
    auto const info = fetching(context, supplier(), std::chrono::steady_clock::now()).failure();
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(server.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(can_be_cancelled_at_each_step) {
    asio::steady_timer const timer(context);
    auto const descriptors = open_descriptors();
    bool finished = false;
    for (int step = 0; !finished; ++step) {
        BOOST_REQUIRE(step < 2000);
        auto const from = supplier();
        {
            fetching one(context, from);
            context.restart();
            for (int i = 0; i < step && !one.done(); ++i)
                context.run_one_for(patience);
            finished = one.done();
            one.cancel();
            BOOST_TEST((one.canceled() || one.text() == "a-token"), step);
        }
        run_out(); // although the supplier lives
        BOOST_TEST(text(from) == "a-token", step);
    }
    run_out();
    BOOST_TEST(eventually([&] { return open_descriptors() <= descriptors; }));
}

BOOST_AUTO_TEST_CASE(leaves_others_alone_when_it_is_cancelled) {
    server.fall_silent();
    auto const from = supplier();
    fetching one(context, from);
    run_until(context, [&] { return server.requests().size() == 1; });
    one.cancel();
    fetching two(context, from, std::chrono::steady_clock::now() + 60ms);
    BOOST_TEST(one.canceled());
    BOOST_TEST(two.failure().kind == error_kind::timeout); // not that something was closed
}

BOOST_AUTO_TEST_CASE(goes_on_although_the_supplier_is_let_go) {
    auto from = supplier();
    fetching one(context, from);
    from.reset();
    BOOST_TEST(one.text() == "a-token");
}

BOOST_AUTO_TEST_CASE(may_be_made_by_several_threads) {
    auto const from = supplier();
    std::list<fetching> all;
    for (int i = 0; i < 40; ++i)
        all.emplace_back(context, from);
    for (auto i = all.begin(); i != std::next(all.begin(), 10); ++i)
        i->cancel();
    std::thread other([&] { context.run(); });
    context.run();
    other.join();
    for (auto& one : all)
        BOOST_TEST((one.canceled() || one.text() == "a-token"));
}

BOOST_AUTO_TEST_CASE(works_on_contexts_that_come_and_go_on_several_threads) {
    auto const from = supplier();
    std::atomic<int> right = 0;
    auto const fetch_often = [&] {
        for (int i = 0; i < 50; ++i) {
            asio::io_context own;
            fetching one(own, from);
            while (!one.done() && own.run_one_for(patience) != 0) {
            }
            if (one.done() && one.text() == "a-token") ++right;
        }
    };
    std::thread other(fetch_often);
    fetch_often();
    other.join();
    BOOST_TEST(right == 100);
}

BOOST_AUTO_TEST_CASE(works_on_one_context_after_another) {
    auto const from = supplier();
    for (int i = 0; i < 3; ++i) {
        asio::io_context own;
        BOOST_TEST(fetching(own, from).text() == "a-token");
    }
    BOOST_TEST(text(from) == "a-token");
}

BOOST_AUTO_TEST_CASE(may_go_with_its_context) {
    server.fall_silent();
    auto const kept = supplier();
    {
        asio::io_context own;
        fetching const one(own, kept);
        fetching const two(own, supplier()); // which has nothing but its fetch to hold it
        run_until(own, [&] { return server.requests().size() == 2; });
    }
    fetching const another(context, kept);
    run_until(context, [&] { return server.requests().size() == 3; });
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
