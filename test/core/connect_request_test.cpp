// What is said to a proxy (section I of doc/faults.md).
#include "core/connect_request.hpp"
#include "support/refused.hpp"
#include "values/header_field.hpp"

#include <equinix/sts/version.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace sts = equinix::sts;
namespace base = sts::base;
namespace values = sts::values;
namespace core = sts::core;
using sts::secret;
using test::contains;
using test::refusal;

namespace {

std::string bytes(sts::client_options const& options, std::string_view host = "sts.example.com") {
    return std::string(base::view(core::connect_request(host, 443, options)));
}

std::string refused(std::string const& name, std::string const& value, std::string const& credentials = {}) {
    sts::client_options options;
    options.proxy.emplace("http://" + credentials + "proxy");
    options.proxy_headers = {{"X-Good", secret("yes")}, {name, secret(value)}};
    return refusal([&] { values::check_proxy_headers(options); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(connect_request)

BOOST_AUTO_TEST_CASE(I1_I8_is_exactly_these_bytes) {
    sts::client_options options;
    options.proxy.emplace("http://us%65r:p%40ss@proxy");
    options.user_agent = "billing/2.1";
    options.headers = {{"X-For-The-Endpoint", "canary"}};
    options.proxy_headers = {{"X-Team", secret("payments")}, {"X-Empty", secret()}};
    values::check_proxy_headers(options);
    BOOST_TEST(bytes(options) == "CONNECT sts.example.com:443 HTTP/1.1\r\n"
                                 "Host: sts.example.com:443\r\n"
                                 "User-Agent: billing/2.1 equinix-sts-cpp/" EQUINIX_STS_VERSION "\r\n"
                                 "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"
                                 "X-Team: payments\r\n"
                                 "X-Empty: \r\n\r\n");
}

BOOST_AUTO_TEST_CASE(I1_has_no_credentials_where_there_are_none) {
    sts::client_options options;
    options.proxy.emplace("proxy");
    BOOST_TEST(bytes(options, "::1") == "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"
                                        "User-Agent: equinix-sts-cpp/" EQUINIX_STS_VERSION "\r\n\r\n");
    BOOST_TEST(!core::gives_proxy_credentials(options));
    BOOST_TEST(core::proxy_secrets(options).empty());
}

BOOST_AUTO_TEST_CASE(I8_a_header_that_cannot_be_sent_is_refused_by_its_name_alone) {
    for (std::string const own : {"Host", "user-agent", "Content-Length", "TRANSFER-ENCODING", "Connection",
                                  "TE", "Upgrade", "Expect"}) {
        auto const message = refused(own, "canary");
        BOOST_TEST(contains(message, "client_options::proxy_headers: '" + own + "' is set by the client"),
                   message);
        BOOST_TEST(!contains(message, "canary"), message);
    }
    BOOST_TEST(contains(refused("", "x"), "field name"));
    BOOST_TEST(contains(refused("X Y", "x"), "field name"));
    BOOST_TEST(contains(refused("X:", "x"), "field name"));
    for (std::string const value : {"canary\r\nX: y", "canary\n", "canary\x7f", "c\xc3\xa4nary"}) {
        auto const message = refused("X-A", value);
        BOOST_TEST(contains(message, "'X-A'"), message);
        BOOST_TEST(!contains(message, "nary"), message);
    }
}

BOOST_AUTO_TEST_CASE(I8_credentials_may_be_a_header_where_the_url_has_none) {
    sts::client_options options;
    options.proxy.emplace("proxy");
    options.proxy_headers = {{"proxy-authorization", secret("Bearer canary")}};
    values::check_proxy_headers(options);
    BOOST_TEST(contains(bytes(options), "\r\nproxy-authorization: Bearer canary\r\n"));
    BOOST_TEST(core::gives_proxy_credentials(options));
    BOOST_TEST(contains(refused("Proxy-Authorization", "Bearer canary", "user:password@"),
                        "is set by the client itself"));
}

BOOST_AUTO_TEST_CASE(I2_I8_its_secrets_are_known_in_each_spelling) {
    sts::client_options options;
    options.proxy.emplace("http://user:p%3Ass@proxy");
    options.proxy_headers = {{"X-Key", secret("canary")}};
    auto const all = core::proxy_secrets(options);
    for (std::string_view const one : {"dXNlcjpwOnNz", "user:p:ss", "p:ss", "canary"})
        BOOST_TEST(std::count_if(all.begin(), all.end(),
                                 [&](auto const& known) { return base::view(known) == one; }) == 1,
                   one);
    BOOST_TEST(all.size() == 4U);
}

BOOST_AUTO_TEST_CASE(I8_credentials_in_a_header_are_known_as_they_are_decoded) {
    sts::client_options options;
    options.proxy_headers = {{"Proxy-Authorization", secret("basic dXNlcjpwOnNz")}};
    auto const all = core::proxy_secrets(options);
    for (std::string_view const one : {"dXNlcjpwOnNz", "user:p:ss", "p:ss"})
        BOOST_TEST(std::count_if(all.begin(), all.end(),
                                 [&](auto const& known) { return base::view(known) == one; }) == 1,
                   one);
}

BOOST_AUTO_TEST_SUITE_END()
