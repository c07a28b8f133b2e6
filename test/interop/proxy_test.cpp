// Tunnels through real proxies (section I of doc/faults.md).
#include "interop/proxy_servers.hpp"
#include "support/refused.hpp"

using namespace test;
using sts::error_kind;

namespace {

/// A token endpoint, and who asks it through a proxy.
struct through_proxy : caller {
    sts::client_options by(std::string const& proxy_url) const {
        auto made = origin.options();
        made.proxy = sts::proxy(proxy_url);
        return made;
    }

    sts::error_info failure(sts::client_options const& with) {
        auto const ended = exchange(client(with));
        BOOST_REQUIRE(ended.has_error());
        return ended.error();
    }

    /// Many exchanges that all succeed, each client closed after them.
    void tokens(sts::client_options const& with) {
        auto const sts_client = client(with);
        tally all;
        exchange_often(sts_client, 5, 4, all);
        BOOST_TEST(all.tokens == 20);
        BOOST_TEST(all.failures == std::vector<std::string>(), boost::test_tools::per_element());
        sts_client.close();
    }

    nginx_server origin{{.location = nginx_server::answer()}};
};

/// What a proxy may know: whom the tunnel leads to. What goes through it is none of its business.
void check_blind(std::string const& logs) {
    BOOST_TEST(contains(logs, "CONNECT"));
    for (auto const* hidden : {token_path, "POST", "interop-access-token", "interop-subject-token"})
        BOOST_TEST(!contains(logs, hidden), hidden << " in " << logs);
}

proxy_user const plain_user{"interop", "proxypassword"};
proxy_user const odd_user{"inter op", "p:w/@%x"}; // %20, %3A, %2F, %40 and %25 in a URL

} // namespace

BOOST_FIXTURE_TEST_SUITE(proxies, through_proxy)

BOOST_AUTO_TEST_CASE(I1_tinyproxy, *needs({"nginx", "tinyproxy"})) {
    tinyproxy_server proxy(origin.port());
    tokens(by(proxy.url()));
    check_blind(proxy.finish());
}

BOOST_AUTO_TEST_CASE(I1_tinyproxy_with_credentials, *needs({"nginx", "tinyproxy"})) {
    tinyproxy_server proxy(origin.port(), plain_user);
    tokens(by(proxy.url("interop:proxypassword")));
    check_blind(proxy.finish());
}

BOOST_AUTO_TEST_CASE(I1_tinyproxy_refuses_who_gives_no_credentials, *needs({"nginx", "tinyproxy"})) {
    tinyproxy_server proxy(origin.port(), plain_user);
    auto const info = failure(by(proxy.url()));
    BOOST_TEST(info.kind == error_kind::proxy);
    BOOST_TEST(info.http_status == 407U);
    BOOST_TEST(!info.request_sent);
}

BOOST_AUTO_TEST_CASE(I1_tinyproxy_refuses_a_wrong_password, *needs({"nginx", "tinyproxy"})) {
    tinyproxy_server proxy(origin.port(), plain_user);
    auto const info = failure(by(proxy.url("interop:wrongpassword")));
    BOOST_TEST(info.kind == error_kind::proxy);
    BOOST_TEST((info.http_status == 401U || info.http_status == 407U)); // 1.11.1 says 401 where it means 407
    BOOST_TEST(!contains(info.to_string(), "wrongpassword"));
}

BOOST_AUTO_TEST_CASE(I1_squid, *needs({"nginx", "squid"})) {
    squid_server proxy(origin.port());
    tokens(by(proxy.url()));
    check_blind(proxy.finish());
}

BOOST_AUTO_TEST_CASE(I1_squid_with_credentials, *needs({"nginx", "squid"})) {
    squid_server proxy(origin.port(), plain_user);
    tokens(by(proxy.url("interop:proxypassword")));
    check_blind(proxy.finish());
}

BOOST_AUTO_TEST_CASE(I1_squid_refuses_a_wrong_password, *needs({"nginx", "squid"})) {
    squid_server proxy(origin.port(), plain_user);
    auto const info = failure(by(proxy.url("interop:wrongpassword")));
    BOOST_TEST(info.kind == error_kind::proxy);
    BOOST_TEST(info.phase == sts::phase::proxy);
    BOOST_TEST(info.http_status == 407U);
    BOOST_TEST(!info.request_sent);
    BOOST_TEST(!contains(info.to_string(), "wrongpassword"));
}

BOOST_AUTO_TEST_CASE(I5_squid_tells_what_it_wants, *needs({"nginx", "squid"})) {
    squid_server proxy(origin.port(), plain_user);
    constexpr auto wanted = "Basic, realm \"interop\"";
    BOOST_TEST(failure(by(proxy.url())).message == std::string("the proxy requires credentials (") + wanted +
                                                       "): set user and password in its URL");
    BOOST_TEST(
        contains(failure(by(proxy.url("interop:wrongpassword"))).message,
                 std::string("the proxy refused the credentials that were sent (it accepts ") + wanted));
}

BOOST_AUTO_TEST_CASE(I5_tinyproxy_tells_what_it_wants, *needs({"nginx", "tinyproxy"})) {
    tinyproxy_server proxy(origin.port(), plain_user);
    auto const info = failure(by(proxy.url()));
    BOOST_TEST(contains(info.message, "the proxy requires credentials (Basic, realm \""), info.message);
}

BOOST_AUTO_TEST_CASE(I8_headers_for_the_proxy_pass_through_none_of_it, *needs({"nginx", "squid"})) {
    squid_server proxy(origin.port());
    auto with = by(proxy.url());
    with.proxy_headers = {{"X-Key", sts::secret("interop-subject-token")}}; // not to be in its logs
    tokens(with);
    check_blind(proxy.finish());
}

BOOST_AUTO_TEST_CASE(I2_credentials_are_percent_decoded, *needs({"nginx", "squid"})) {
    squid_server proxy(origin.port(), odd_user);
    tokens(by(proxy.url("inter%20op:p%3Aw%2F%40%25x")));
}

BOOST_AUTO_TEST_CASE(I1_the_origin_is_verified_through_the_tunnel, *needs({"nginx", "squid"})) {
    squid_server proxy(origin.port());
    auto another = by(proxy.url());
    another.tls.ca_pem = sts::testing::make_server_identity({"127.0.0.1"}).ca_pem;
    auto const info = failure(another);
    BOOST_TEST(info.kind == error_kind::tls);
    BOOST_TEST(!info.request_sent);
    BOOST_TEST(origin.finish().empty());
}

BOOST_AUTO_TEST_CASE(I4_a_proxy_that_forbids_the_port, *needs({"nginx", "squid"})) {
    reserved_port const another;
    squid_server proxy(another.number());
    auto const info = failure(by(proxy.url()));
    BOOST_TEST(info.kind == error_kind::proxy);
    BOOST_TEST(info.http_status == 403U);
}

BOOST_AUTO_TEST_CASE(I4_a_proxy_that_cannot_reach_the_origin, *needs({"nginx", "squid"})) {
    reserved_port const nobody;
    squid_server proxy(nobody.number());
    auto gone = by(proxy.url());
    gone.endpoint = sts::endpoint("https://127.0.0.1:" + std::to_string(nobody.number()) + token_path);
    auto const info = failure(gone);
    BOOST_TEST(info.kind == error_kind::proxy);
    BOOST_TEST(info.http_status == 503U);
}

BOOST_AUTO_TEST_SUITE_END()
