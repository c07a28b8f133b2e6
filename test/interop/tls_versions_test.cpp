// The TLS of real servers (section C of doc/faults.md).
#include "interop/origin.hpp"

using namespace test;

namespace {

nginx_server::setup only(std::string const& version) {
    return {.server = "ssl_protocols " + version + ";", .location = nginx_server::answer()};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls, caller)

BOOST_AUTO_TEST_CASE(C1_nginx_tls_1_2_only, *needs({"nginx"})) {
    nginx_server server(only("TLSv1.2"));
    BOOST_TEST(exchange(client(server.options())).has_value());
    auto const requests = server.finish();
    BOOST_REQUIRE(requests.size() == 1U);
    BOOST_TEST(requests.front().tls_version == "TLSv1.2");
}

BOOST_AUTO_TEST_CASE(C1_nginx_tls_1_3_only, *needs({"nginx"})) {
    nginx_server server(only("TLSv1.3"));
    BOOST_TEST(exchange(client(server.options())).has_value());
    auto const requests = server.finish();
    BOOST_REQUIRE(requests.size() == 1U);
    BOOST_TEST(requests.front().tls_version == "TLSv1.3");
}

BOOST_AUTO_TEST_CASE(C2_nginx_tls_1_1_only, *needs({"nginx"})) {
    // Without its security level OpenSSL would not even offer to serve the old version.
    nginx_server server({.server = "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;",
                         .location = nginx_server::answer()});
    auto const ended = exchange(client(server.options()));
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == sts::error_kind::tls);
    BOOST_TEST(!ended.error().request_sent);
    BOOST_TEST(server.finish().empty());
}

BOOST_AUTO_TEST_SUITE_END()
