// The TLS handshake, and servers that do not play by its rules: section C of doc/faults.md.
#include "support/connection.hpp"

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cstdint>
#include <string>

namespace net = equinix::sts::net;
namespace sts = equinix::sts;
using namespace std::string_literals;
using net::session_step;
using test::connection;
using test::contains;

namespace {

struct fixture : test::session_fixture {
    /// What the error of a session says that must fail in its handshake by TLS.
    static std::string refusal(connection& one) {
        BOOST_TEST((one.handshake() == session_step::failed));
        BOOST_TEST((one.client.failure().kind == sts::error_kind::tls));
        BOOST_TEST((one.client.failure().phase == sts::phase::tls));
        BOOST_TEST(one.peer.received() == "");
        return one.client.failure().message;
    }

    /// A client that takes everything: what it accepts, the library's own settings must refuse.
    void accept_everything() const {
        SSL_CTX_set_min_proto_version(context->native(), TLS1_VERSION);
        SSL_CTX_set_security_level(context->native(), 0);
        BOOST_REQUIRE(SSL_CTX_set_cipher_list(context->native(), "ALL:eNULL:aNULL:@SECLEVEL=0") == 1);
    }
};

std::string alert(int level, int description) {
    return "\x15\x03\x03\x00\x02"s + static_cast<char>(level) + static_cast<char>(description);
}

/// A ServerHello, up to TLS 1.2, that chooses what was not offered.
std::string server_hello(std::uint8_t minor_version, std::uint16_t suite) {
    auto const version = "\x03"s + static_cast<char>(minor_version);
    auto const body = version + std::string(32, 'r') + "\0"s + static_cast<char>(suite >> 8U) +
                      static_cast<char>(suite & 0xFFU) + "\0"s;
    auto const message = "\x02\x00\x00"s + static_cast<char>(body.size()) + body;
    return "\x16"s + version + "\0"s + static_cast<char>(message.size()) + message;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_protocol, fixture)

BOOST_AUTO_TEST_CASE(C1_tls_1_2_and_1_3_are_spoken) {
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        only(version);
        connection one(*this);
        BOOST_TEST((one.handshake() == session_step::done), one.client.failure().message);
        BOOST_TEST(SSL_version(one.peer.native()) == version);
        one.ask();
        BOOST_TEST(one.answer());
    }
}

BOOST_AUTO_TEST_CASE(C2_older_versions_are_refused) {
    options.ciphers = "ECDHE-ECDSA-AES128-SHA";
    for (auto const version : {TLS1_VERSION, TLS1_1_VERSION}) {
        only(version);
        connection one(*this);
        BOOST_TEST(contains(refusal(one), "protocol version"));
    }
    accept_everything();
    connection control(*this);
    BOOST_TEST((control.handshake() == session_step::done), control.client.failure().message);
}

BOOST_AUTO_TEST_CASE(C2_an_older_version_that_was_not_offered_is_refused) {
    for (auto const minor : {0, 1, 2}) {
        connection one(*this);
        one.peer.send_raw(server_hello(static_cast<std::uint8_t>(minor), 0xC009));
        BOOST_TEST(contains(refusal(one), "unsupported protocol"), one.client.failure().message);
    }
}

BOOST_AUTO_TEST_CASE(C3_suites_without_encryption_or_authentication_are_refused) {
    only(TLS1_2_VERSION);
    for (auto const* const suite : {"ECDHE-ECDSA-NULL-SHA", "AECDH-AES128-SHA", "AECDH-NULL-SHA"}) {
        options.ciphers = suite;
        connection one(*this);
        BOOST_TEST(contains(refusal(one), "handshake failure"));
    }
    accept_everything();
    for (auto const* const suite : {"ECDHE-ECDSA-NULL-SHA", "AECDH-AES128-SHA", "AECDH-NULL-SHA"}) {
        options.ciphers = suite;
        connection control(*this);
        BOOST_TEST((control.handshake() == session_step::done), control.client.failure().message);
    }
}

BOOST_AUTO_TEST_CASE(C3_a_weak_suite_that_was_not_offered_is_refused) {
    // NULL with SHA-256, anonymous with AES, export RC4, export DES, RC4, single DES
    for (auto const suite : {0x003B, 0x006C, 0x0003, 0x0008, 0x0005, 0x0009}) {
        connection one(*this);
        one.peer.send_raw(server_hello(3, static_cast<std::uint16_t>(suite)));
        BOOST_TEST(contains(refusal(one), "cipher returned"), one.client.failure().message);
    }
}

BOOST_AUTO_TEST_CASE(C5_a_fatal_alert_in_the_handshake_is_named) {
    std::pair<int, std::string> const alerts[] = {
        {40, "40: handshake failure"},   {42, "42: bad certificate"},           {49, "49: access denied"},
        {70, "70: protocol version"},    {71, "71: insufficient security"},     {80, "80: internal error"},
        {112, "112: unrecognized name"}, {120, "120: no application protocol"}, {200, "200: unknown"}};
    for (auto const& [number, name] : alerts) {
        connection one(*this);
        one.peer.send_raw(alert(SSL3_AL_FATAL, number));
        BOOST_TEST(contains(refusal(one), "the TLS alert " + name), one.client.failure().message);
    }
}

BOOST_AUTO_TEST_CASE(C5_a_server_that_misses_the_clients_certificate_is_quoted) {
    options.client_ca_pem = authority.pem();
    only(TLS1_2_VERSION);
    connection early(*this);
    BOOST_TEST(contains(refusal(early), "the TLS alert 40: handshake failure"));

    only(TLS1_3_VERSION); // the client is ready before the server says no
    connection late(*this);
    BOOST_TEST((late.handshake() == session_step::done));
    late.client.start(std::string_view("POST / HTTP/1.1\r\n\r\n"));
    BOOST_TEST((late.advance() == session_step::failed));
    BOOST_TEST((late.client.failure().kind == sts::error_kind::tls));
    BOOST_TEST(
        contains(late.client.failure().message, "the TLS alert 116: tlsv13 alert certificate required"),
        late.client.failure().message);
}

BOOST_AUTO_TEST_CASE(C22_an_alert_of_the_peer_is_the_code) {
    for (auto const number : {40, 42, 45, 48, 70, 80, 112, 116, 120, 200}) {
        connection one(*this);
        one.peer.send_raw(alert(SSL3_AL_FATAL, number));
        refusal(one);
        BOOST_TEST(
            (one.client.failure().code == boost::system::error_code(number, sts::tls_alert_category())),
            one.client.failure().code.message());
    }
}

BOOST_AUTO_TEST_CASE(C22_an_alert_behind_the_handshake_is_the_code) {
    options.client_ca_pem = authority.pem();
    only(TLS1_3_VERSION);
    connection late(*this);
    BOOST_TEST((late.handshake() == session_step::done));
    late.client.start(std::string_view("POST / HTTP/1.1\r\n\r\n"));
    BOOST_TEST((late.advance() == session_step::failed));
    BOOST_TEST((late.client.failure().code == boost::system::error_code(116, sts::tls_alert_category())));
}

BOOST_AUTO_TEST_CASE(C22_where_the_client_ends_tls_itself_there_is_no_alert) {
    connection one(*this);
    one.peer.send_raw("220 mail\r\n");
    refusal(one);
    BOOST_TEST((one.client.failure().code == sts::error_kind::tls));
}

BOOST_AUTO_TEST_CASE(C22_an_unverified_certificate_is_not_taken_for_the_cause) {
    equinix::sts::tls_options settings;
    settings.ca_pem = authority.pem();
    settings.insecure_skip_verification = true;
    context = std::make_shared<net::tls_context const>(settings);
    host = "other.example.test";
    options.client_ca_pem = authority.pem();
    only(TLS1_2_VERSION);
    connection one(*this);
    BOOST_TEST(contains(refusal(one), "the TLS alert 40: handshake failure"), one.client.failure().message);
    BOOST_TEST((one.client.failure().code == boost::system::error_code(40, sts::tls_alert_category())));
}

BOOST_AUTO_TEST_CASE(B29_the_cause_of_a_refused_certificate_reaches_the_error) {
    host = "other.example.test";
    connection one(*this);
    refusal(one);
    auto const& why = one.client.failure();
    BOOST_TEST(
        (why.code == boost::system::error_code(X509_V_ERR_HOSTNAME_MISMATCH, sts::certificate_category())));
    BOOST_TEST(why.message == "the server's certificate was refused: hostname mismatch");
    BOOST_TEST(why.to_string() == "tls (tls): " + why.message + " [troubleshooting.md#tls]");
}

BOOST_AUTO_TEST_CASE(C11_a_host_is_sent_as_server_name) {
    for (auto const* const name : {"sts.example.test", "sts.example.test."}) {
        host = name;
        connection one(*this);
        BOOST_TEST((one.handshake() == session_step::done));
        auto const* const sent = one.peer.hello_extension(TLSEXT_TYPE_server_name);
        BOOST_REQUIRE(sent != nullptr);
        BOOST_TEST(*sent == "\x00\x13\x00\x00\x10sts.example.test"s);
    }
}

BOOST_AUTO_TEST_CASE(C11_an_address_is_not_sent_as_server_name) {
    host = "192.0.2.1";
    connection one(*this);
    BOOST_TEST((one.handshake() == session_step::done));
    BOOST_TEST(one.peer.hello_extension(TLSEXT_TYPE_server_name) == nullptr);
    BOOST_TEST(one.peer.hello_extension(TLSEXT_TYPE_supported_groups) != nullptr);
}

BOOST_AUTO_TEST_CASE(C12_only_http_1_1_is_offered_and_taken) {
    for (auto const* const chosen : {"", "http/1.1"}) {
        options.alpn = chosen;
        connection one(*this);
        BOOST_TEST((one.handshake() == session_step::done), chosen);
        auto const* const offered =
            one.peer.hello_extension(TLSEXT_TYPE_application_layer_protocol_negotiation);
        BOOST_REQUIRE(offered != nullptr);
        BOOST_TEST(*offered == "\x00\x09\x08http/1.1"s);
        one.ask();
        BOOST_TEST(one.answer());
    }
}

BOOST_AUTO_TEST_CASE(C12_another_protocol_is_refused) {
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        only(version);
        for (auto const& chosen :
             {"h2"s, "http/1.0"s, "http/1.1\0"s, "HTTP/1.1"s, "\xff\x00\x01"s, std::string(255, 'x')}) {
            options.alpn = chosen;
            connection one(*this);
            // Newer releases of OpenSSL find it themselves.
            auto const message = refusal(one);
            BOOST_TEST(
                (contains(message, "a protocol other than http/1.1") || contains(message, "bad extension")),
                message);
        }
    }
}

BOOST_AUTO_TEST_CASE(C15_plain_text_on_the_tls_port_is_no_tls) {
    for (auto const& text : {"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"s, "SSH-2.0-x\r\n"s,
                             "220 mail\r\n"s, std::string(64, '\0'), std::string(64, '\xff')}) {
        connection one(*this);
        one.peer.send_raw(text);
        one.peer.end(test::ending::fin);
        BOOST_TEST(contains(refusal(one), "TLS failed: "), one.client.failure().message);
    }
}

BOOST_AUTO_TEST_CASE(C18_early_data_that_a_server_offers_is_never_sent) {
    options.early_data = 16384;
    only(TLS1_3_VERSION);
    auto const server = std::make_shared<test::tls_server const>(options);
    for (int i = 0; i < 3; ++i) { // the later ones have the tickets of the first
        connection one(*this, server);
        BOOST_TEST((one.handshake() == session_step::done));
        BOOST_TEST(one.peer.hello_extension(TLSEXT_TYPE_early_data) == nullptr);
        one.ask();
        BOOST_TEST(SSL_get_early_data_status(one.peer.native()) == SSL_EARLY_DATA_NOT_SENT);
        BOOST_TEST(one.answer());
        BOOST_TEST(one.still_idle());
    }
}

BOOST_AUTO_TEST_SUITE_END()
