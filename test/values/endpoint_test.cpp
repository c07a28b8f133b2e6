// The URL of the service, in its parts.
#include "support/refused.hpp"

#include <equinix/sts/endpoint.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace sts = equinix::sts;
using test::contains;
using test::refusal;

BOOST_AUTO_TEST_SUITE(endpoint)

BOOST_AUTO_TEST_CASE(is_the_public_service_by_default) {
    sts::endpoint const made;
    BOOST_TEST(made.url() == "https://sts.eqix.equinix.com/use/token");
    BOOST_TEST(made.host() == "sts.eqix.equinix.com");
    BOOST_TEST(made.port() == 443U);
    BOOST_TEST(!made.is_ip_address());
}

BOOST_AUTO_TEST_CASE(takes_a_whole_url_apart) {
    BOOST_TEST(sts::endpoint::v1().url() == "https://sts.eqix.equinix.com/v1/token");
    sts::endpoint const made("HTTPS://STS.Example.com:8443/v1/token?a=b");
    BOOST_TEST(made.host() == "sts.example.com");
    BOOST_TEST(made.port() == 8443U);
    BOOST_TEST(made.authority() == "sts.example.com:8443");
    BOOST_TEST(made.target() == "/v1/token?a=b");
}

BOOST_AUTO_TEST_CASE(leaves_out_the_default_port) {
    BOOST_TEST(sts::endpoint("https://a.test:443/x").authority() == "a.test");
    BOOST_TEST(sts::endpoint("https://a.test:/x").authority() == "a.test");
    BOOST_TEST(sts::endpoint("https://a.test").target() == "/");
    BOOST_TEST(sts::endpoint("https://a.test?q").target() == "/?q");
}

BOOST_AUTO_TEST_CASE(A11_puts_an_ipv6_address_in_brackets_for_the_host_header_only) {
    sts::endpoint const made("https://[::1]:9443/use/token");
    BOOST_TEST(made.host() == "::1");
    BOOST_TEST(made.authority() == "[::1]:9443");
    BOOST_TEST(made.is_ip_address());
    sts::endpoint const v4("https://127.0.0.1/use/token");
    BOOST_TEST(v4.is_ip_address());
    BOOST_TEST(v4.authority() == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(builds_on_a_base_url) {
    BOOST_TEST(sts::endpoint::from_base("https://a.test").url() == "https://a.test/use/token");
    BOOST_TEST(sts::endpoint::from_base("https://a.test/").url() == "https://a.test/use/token");
    BOOST_TEST(sts::endpoint::from_base("https://a.test/sts", "/v1/token").url() ==
               "https://a.test/sts/v1/token");
    BOOST_TEST(sts::endpoint::from_base("https://a.test/use/token").url() == "https://a.test/use/token");
    BOOST_TEST(sts::endpoint::from_base("https://token", "/token").url() == "https://token/token");
    refusal([] { sts::endpoint::from_base("https://a.test?x=y"); });
    refusal([] { sts::endpoint::from_base("https://a.test", "v1"); });
}

BOOST_AUTO_TEST_CASE(refuses_everything_but_plain_https) {
    for (std::string const url : {"http://a.test/",
                                  "http://127.0.0.1/",
                                  "ftp://a.test/",
                                  "httpss://a.test/",
                                  "a.test/use/token",
                                  "a.test: ",
                                  "https://a.test/ ",
                                  "https://a.test/\xc3\xa9",
                                  "",
                                  "https:/a.test",
                                  "https:a.test",
                                  "s:^",
                                  "https://",
                                  "https:///x",
                                  "https://user@a.test/",
                                  "https://user:canary@a.test/",
                                  "https://a.test/#f",
                                  "https://a.test:0/",
                                  "https://a.test:65536/",
                                  "https://a.test:65979/",
                                  "https://127.1/",
                                  "https://0x7f.0.0.0x1/",
                                  "https://1.2.3.4.5/",
                                  "https://a.test.7./",
                                  "https://a.test:x/",
                                  "https://a b.test/",
                                  "https://b\xc3\xbc.test/",
                                  "https://a%2etest/",
                                  "https://a..test/",
                                  "https://[::1/",
                                  "https://[v1.x]/",
                                  "https://[fe80::1%25eth0]/",
                                  "https://a.test/a b",
                                  "https://a.test/\r\nX: y"}) {
        auto const message = refusal([&] { sts::endpoint const made(url); });
        BOOST_TEST(contains(message, "https://host"), url);
        BOOST_TEST(!contains(message, "canary"), message);
    }
}

BOOST_AUTO_TEST_SUITE_END()
