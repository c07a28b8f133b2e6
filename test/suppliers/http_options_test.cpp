// The URL and the options of a token that is fetched by HTTP, before anything goes out.
#include "suppliers/fetching.hpp"

#include <chrono>
#include <string>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::suppliers::http_options;

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
