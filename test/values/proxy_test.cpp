// Which proxy is used and what of it is told (section I of doc/faults.md).
#include "support/refused.hpp"
#include "values/no_proxy.hpp"

#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/proxy.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <map>
#include <optional>

using equinix::sts::endpoint;
using equinix::sts::proxy;
using equinix::sts::values::bypasses_proxy;
using test::contains;
using test::refusal;

namespace {

/// Sets the proxy variables, each to its value or to none, and back in the end.
class environment {
public:
    explicit environment(std::map<std::string, std::string> const& values) {
        for (auto const* const name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy",
                                       "HTTP_PROXY", "no_proxy", "NO_PROXY"}) {
            auto const* const value = std::getenv(name);
            before_[name] = value != nullptr ? std::optional<std::string>(value) : std::nullopt;
            auto const set = values.find(name);
            assign(name, set != values.end() ? std::optional<std::string>(set->second) : std::nullopt);
        }
    }
    environment(environment const&) = delete;
    environment& operator=(environment const&) = delete;
    ~environment() {
        for (auto const& [name, value] : before_)
            assign(name, value);
    }

private:
    static void assign(std::string const& name, std::optional<std::string> const& value) {
        if (value)
            ::setenv(name.c_str(), value->c_str(), 1);
        else
            ::unsetenv(name.c_str());
    }
    std::map<std::string, std::optional<std::string>> before_;
};

/// The host of the proxy for an endpoint, or nothing.
std::string host_for(std::string const& url, std::map<std::string, std::string> const& values) {
    environment const set(values);
    auto const found = proxy::from_environment(endpoint(url));
    return found ? found->host() : "";
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxy_of_a_client)

BOOST_AUTO_TEST_CASE(is_read_from_its_url) {
    proxy const plain("http://Proxy.Test:3128/");
    BOOST_TEST(plain.host() == "proxy.test");
    BOOST_TEST(plain.port() == 3128);
    BOOST_TEST(plain.authorization().empty());
    BOOST_TEST(!plain.is_ip_address());
    BOOST_TEST(proxy("proxy.test").port() == 1080);
    BOOST_TEST(proxy("10.0.0.1:8080").is_ip_address());
    BOOST_TEST(proxy("http://[::1]:8080").host() == "::1");
}

BOOST_AUTO_TEST_CASE(I2_credentials_are_percent_decoded_into_basic) {
    // Base64 of "us er:p@ss:word%" made by hand.
    proxy const with("http://us%20er:p%40ss%3Aword%25@proxy.test");
    BOOST_TEST(with.authorization().reveal() == "Basic dXMgZXI6cEBzczp3b3JkJQ==");
    BOOST_TEST(proxy("http://user@proxy.test").authorization().reveal() == "Basic dXNlcjo=");
}

BOOST_AUTO_TEST_CASE(I2_a_refused_url_is_not_repeated) {
    for (auto const* const url : {"https://user:canary@proxy.test", "socks5://user:canary@proxy.test",
                                  "http://user:canary@", "http://", "http://user:can@ary@proxy.test",
                                  "http://user:canary@proxy.test/path", "http://user:canary@proxy.test?q",
                                  "http://user:canary@proxy.test:99999", "http://user:canary@proxy.test:0",
                                  "http://us%3Aer:canary@proxy.test", "http://user:canary@pro xy", ""}) {
        auto const message = refusal([&] { proxy const made(url); });
        BOOST_TEST(contains(message, "proxy URL"), url);
        BOOST_TEST(!contains(message, "canary"), message);
    }
}

BOOST_AUTO_TEST_CASE(I3_comes_from_the_environment_in_curls_order) {
    std::string const url = "https://sts.test/";
    BOOST_TEST(host_for(url, {}) == "");
    BOOST_TEST(host_for(url, {{"http_proxy", "http://a"}, {"HTTP_PROXY", "http://b"}}) == "");
    BOOST_TEST(host_for(url, {{"https_proxy", "http://a"}, {"HTTPS_PROXY", "http://b"}}) == "a");
    BOOST_TEST(host_for(url, {{"HTTPS_PROXY", "http://b"}, {"all_proxy", "http://c"}}) == "b");
    BOOST_TEST(host_for(url, {{"all_proxy", "c:1"}, {"ALL_PROXY", "http://d"}}) == "c");
    BOOST_TEST(host_for(url, {{"ALL_PROXY", "http://d"}}) == "d");
    BOOST_TEST(host_for(url, {{"https_proxy", ""}, {"HTTPS_PROXY", "http://b"}}) == "b");
    BOOST_TEST(host_for(url, {{"https_proxy", ""}, {"ALL_PROXY", ""}}) == "");
    auto const named = refusal([&] { host_for(url, {{"ALL_PROXY", "socks5://u:canary@h"}}); });
    BOOST_TEST(contains(named, "ALL_PROXY: proxy URL"), named);
    BOOST_TEST(!contains(named, "canary"));
}

BOOST_AUTO_TEST_CASE(I3_no_proxy_excepts_hosts) {
    std::string const url = "https://sts.test/";
    BOOST_TEST(host_for(url, {{"https_proxy", "http://a"}, {"no_proxy", "other,sts.test"}}) == "");
    BOOST_TEST(host_for(url, {{"https_proxy", "http://a"}, {"NO_PROXY", "test"}}) == "");
    BOOST_TEST(host_for(url, {{"https_proxy", "http://a"}, {"no_proxy", "x"}, {"NO_PROXY", "*"}}) == "a");
    BOOST_TEST(host_for(url, {{"https_proxy", "http://a"}, {"no_proxy", ""}, {"NO_PROXY", "*"}}) == "");
    BOOST_TEST(host_for("https://10.1.2.3/", {{"https_proxy", "http://a"}, {"NO_PROXY", "10.0.0.0/8"}}) ==
               "");
}

BOOST_AUTO_TEST_CASE(I3_no_proxy_is_read_as_curl_reads_it) {
    struct {
        std::string_view list, host;
        bool is_ip_address, bypassed;
    } const cases[] = {
        {"*", "a.test", false, true},
        {"x,*", "a.test", false, false},
        {"", "a.test", false, false},
        {"a.test", "a.test", false, true},
        {"A.TEST", "a.test", false, true},
        {".a.test", "a.test", false, true},
        {"a.test.", "a.test", false, true},
        {"a.test", "a.test.", false, true},
        {"a.test", "b.a.test", false, true},
        {".a.test", "c.b.a.test", false, true},
        {"a.test", "ba.test", false, false},
        {"b.a.test", "a.test", false, false},
        {"x, a.test", "a.test", false, true},
        {"x a.test\ty", "a.test", false, true},
        {" ,, ", "a.test", false, false},
        {".", "a.test", false, false},
        {"10.0.0.1", "10.0.0.1", true, true},
        {"10.0.0.1", "10.0.0.2", true, false},
        {"10.0.0.0/8", "10.255.1.2", true, true},
        {"10.0.0.0/8", "11.0.0.1", true, false},
        {"10.0.0.0/0", "11.0.0.1", true, true},
        {"192.168.1.128/25", "192.168.1.127", true, false},
        {"192.168.1.128/25", "192.168.1.128", true, true},
        {"10.0.0.0/33", "10.0.0.1", true, false},
        {"10.0.0.0/x", "10.0.0.1", true, false},
        {"10.0.0.0/", "10.0.0.1", true, false},
        {"::1", "::1", true, true},
        {"[::1]", "::1", true, true},
        {"fe80::/10", "fe80::1", true, true},
        {"fe80::/10", "10.0.0.1", true, false},
        {"0.1", "10.0.0.1", true, false},
    };
    for (auto const& one : cases)
        BOOST_TEST(bypasses_proxy(one.list, one.host, one.is_ip_address) == one.bypassed,
                   one.list << " for " << one.host);
}

BOOST_AUTO_TEST_SUITE_END()
