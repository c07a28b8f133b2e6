// Servers that ask for a client certificate (C13 of doc/faults.md).
#include "interop/origin.hpp"
#include "support/refused.hpp"

using namespace test;
using sts::error_kind;

namespace {

/// A client's certificate and the authority that it is from.
struct client_identity {
    client_identity()
        : authority(sts::testing::issue(sts::testing::authority_spec("interop clients"))),
          certificate(sts::testing::issue(spec(), authority)) {}

    static sts::testing::certificate_spec spec() {
        sts::testing::certificate_spec made;
        made.common_name = "interop client";
        made.extended_key_usage = "clientAuth";
        return made;
    }

    sts::client_options shown_to(origin const& server) const {
        auto made = server.options();
        made.tls.client_certificate_pem = certificate.pem();
        made.tls.client_key_pem = sts::secret(certificate.key_pem());
        return made;
    }

    sts::testing::certificate authority;
    sts::testing::certificate certificate;
};

nginx_server::setup asks_for_a_certificate() {
    return {.server =
                "ssl_protocols TLSv1.2 TLSv1.3; ssl_client_certificate client-ca.pem; ssl_verify_client on;",
            .location = nginx_server::answer()};
}

haproxy_server::setup insists_on_a_certificate(std::string const& version) {
    return {.defaults = "  timeout client 10s",
            .bind =
                "ca-file client-ca.pem verify required ssl-min-ver " + version + " ssl-max-ver " + version,
            .frontend = haproxy_server::answer()};
}

struct known_client : caller {
    client_identity identity;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client_certificates, known_client)

BOOST_AUTO_TEST_CASE(C13_nginx_client_certificate, *needs({"nginx"})) {
    nginx_server const server(asks_for_a_certificate(), identity.authority.pem());
    auto const ended = exchange(client(identity.shown_to(server)));
    BOOST_TEST(ended.has_value(), (ended.has_error() ? ended.error().to_string() : ""));
}

BOOST_AUTO_TEST_CASE(C13_nginx_client_certificate_from_files, *needs({"nginx"})) {
    nginx_server const server(asks_for_a_certificate(), identity.authority.pem());
    folder const files;
    auto from_files = server.options();
    from_files.tls.client_certificate_file = files.file("client.pem", identity.certificate.pem());
    from_files.tls.client_key_file = files.file("client.key", identity.certificate.key_pem("open, sesame"));
    from_files.tls.client_key_passphrase = [] { return sts::secret("open, sesame"); };
    auto const ended = exchange(client(from_files));
    BOOST_TEST(ended.has_value(), (ended.has_error() ? ended.error().to_string() : ""));
}

// nginx lets the handshake pass and says 400 in HTML, which tells of no OAuth error.
BOOST_AUTO_TEST_CASE(C13_nginx_without_a_client_certificate, *needs({"nginx"})) {
    nginx_server const server(asks_for_a_certificate(), identity.authority.pem());
    auto const ended = exchange(client(server.options()));
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::http);
    BOOST_TEST(ended.error().http_status == 400U);
}

BOOST_AUTO_TEST_CASE(C13_nginx_a_client_certificate_of_another_authority, *needs({"nginx"})) {
    nginx_server const server(asks_for_a_certificate(), identity.authority.pem());
    auto const ended = exchange(client(client_identity().shown_to(server)));
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::http);
    BOOST_TEST(ended.error().http_status == 400U);
}

BOOST_AUTO_TEST_CASE(C13_haproxy_client_certificate, *needs({"haproxy"})) {
    haproxy_server const server(insists_on_a_certificate("TLSv1.3"), identity.authority.pem());
    auto const ended = exchange(client(identity.shown_to(server)));
    BOOST_TEST(ended.has_value(), (ended.has_error() ? ended.error().to_string() : ""));
}

BOOST_AUTO_TEST_CASE(C13_haproxy_without_a_client_certificate_tls_1_2, *needs({"haproxy"})) {
    haproxy_server const server(insists_on_a_certificate("TLSv1.2"), identity.authority.pem());
    auto const ended = exchange(client(server.options()));
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::tls);
    BOOST_TEST(!ended.error().request_sent);
}

// The client's side of a TLS 1.3 handshake is over before the server looks at the certificate: the alert
// comes when the request is under way.
BOOST_AUTO_TEST_CASE(C13_haproxy_without_a_client_certificate_tls_1_3, *needs({"haproxy"})) {
    haproxy_server const server(insists_on_a_certificate("TLSv1.3"), identity.authority.pem());
    auto const ended = exchange(client(server.options()));
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::tls);
}

BOOST_AUTO_TEST_SUITE_END()
