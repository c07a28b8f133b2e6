// Whom a stream believes: section B of doc/faults.md.
#include "support/handshake.hpp"

#include <equinix/sts/endpoint.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/x509_vfy.h>

#include <chrono>
#include <string>

namespace sts = equinix::sts;
using namespace std::chrono_literals;
using namespace equinix::sts::testing;
using test::certificate_fixture;
using test::contains;

BOOST_FIXTURE_TEST_SUITE(certificates, certificate_fixture)

BOOST_AUTO_TEST_CASE(B1_a_valid_chain_is_accepted) {
    accepted();
    max_version = TLS1_2_VERSION;
    accepted();
}

BOOST_AUTO_TEST_CASE(B2_an_expired_certificate_is_refused) {
    leaf.valid_from = -2h;
    leaf.valid_until = -1h;
    refused("certificate has expired");
    max_version = TLS1_2_VERSION;
    refused("certificate has expired");
}

BOOST_AUTO_TEST_CASE(B2_a_certificate_that_is_not_yet_valid_is_refused) {
    leaf.valid_from = 1h;
    refused("certificate is not yet valid");
}

BOOST_AUTO_TEST_CASE(B3_an_expired_intermediate_is_refused) {
    middle.valid_until = -1min;
    refused("certificate has expired");
}

BOOST_AUTO_TEST_CASE(B3_an_intermediate_that_is_not_yet_valid_is_refused) {
    middle.valid_from = 1h;
    refused("certificate is not yet valid");
}

BOOST_AUTO_TEST_CASE(B4_another_host_is_refused) {
    host = "other.example.test";
    refused("hostname mismatch");
    max_version = TLS1_2_VERSION;
    refused("hostname mismatch");
}

BOOST_AUTO_TEST_CASE(B5_a_self_signed_certificate_is_refused) {
    auto const alone = issue(leaf);
    check_refused(connect(alone.pem(), alone, issue(root).pem()), "self-signed certificate");
}

BOOST_AUTO_TEST_CASE(B5_an_unknown_root_is_refused_with_the_way_out) {
    auto const anchor = issue(root);
    auto const shown = issue(leaf, anchor);
    auto const another = issue(authority_spec("another root"));
    for (auto const& chain : {shown.pem(), shown.pem() + anchor.pem()}) {
        auto const out = connect(chain, shown, another.pem());
        check_refused(out, "certificate");
        BOOST_TEST(contains(out.failure.message, "client_options::tls.ca_file"), out.failure.message);
    }
}

BOOST_AUTO_TEST_CASE(B5_a_root_of_the_same_name_and_another_key_is_refused) {
    root.key_identifiers = leaf.key_identifiers = false;
    auto const shown = issue(leaf, issue(root));
    check_refused(connect(shown.pem(), shown, issue(root).pem()), "certificate signature failure");
}

BOOST_AUTO_TEST_CASE(B6_a_missing_intermediate_is_refused) {
    auto const anchor = issue(root);
    leaf.more = {{"authorityInfoAccess", "caIssuers;URI:http://127.0.0.1:9/intermediate.crt"}};
    auto const shown = issue(leaf, issue(middle, anchor));
    check_refused(connect(shown.pem(), shown, anchor.pem()), "unable to get local issuer certificate");
}

BOOST_AUTO_TEST_CASE(B7_a_chain_out_of_order_with_its_root_is_accepted) {
    auto const anchor = issue(root);
    auto const upper = issue(middle, anchor);
    auto const lower = issue(authority_spec("lower intermediate"), upper);
    auto const shown = issue(leaf, lower);
    check_accepted(connect(shown.pem() + anchor.pem() + upper.pem() + lower.pem(), shown, anchor.pem()));
}

BOOST_AUTO_TEST_CASE(B8_a_wildcard_stands_for_one_label) {
    leaf.names = {dns("*.example.test")};
    accepted();
}

BOOST_AUTO_TEST_CASE(B9_a_wildcard_does_not_stand_for_two_labels_or_none) {
    leaf.names = {dns("*.example.test")};
    for (auto const* const other : {"a.sts.example.test", "example.test", "test"}) {
        host = other;
        refused("hostname mismatch");
    }
}

BOOST_AUTO_TEST_CASE(B10_a_partial_or_all_embracing_wildcard_is_refused) {
    host = "sts.test";
    for (auto const* const name : {"s*.test", "*s.test", "s*s.test", "*", "*.test", "*.*", "sts.*"}) {
        leaf.names = {dns(name)};
        refused("hostname mismatch");
    }
}

BOOST_AUTO_TEST_CASE(B11_an_address_is_accepted_by_an_address) {
    is_ip_address = true;
    leaf.names = {dns("sts.example.test"), ip("127.0.0.1"), ip("2001:db8::1")};
    for (auto const* const address : {"127.0.0.1", "2001:db8::1"}) {
        host = address;
        accepted();
    }
}

BOOST_AUTO_TEST_CASE(B12_an_address_is_not_accepted_by_a_dns_name) {
    is_ip_address = true;
    host = "127.0.0.1";
    refused("IP address mismatch");
    leaf.names = {dns("127.0.0.1")};
    refused("IP address mismatch");
}

BOOST_AUTO_TEST_CASE(B13_a_clients_certificate_is_refused) {
    leaf.extended_key_usage = "clientAuth";
    refused("certificate purpose");
}

BOOST_AUTO_TEST_CASE(B14_an_issuer_that_is_no_authority_is_refused) {
    middle = server_spec({dns("other.example.test")});
    middle.common_name = "another server";
    refused("invalid CA certificate");
}

BOOST_AUTO_TEST_CASE(B14_a_path_that_is_too_long_is_refused) {
    middle.basic_constraints = "critical,CA:TRUE,pathlen:0";
    accepted();
    below = {authority_spec("one too many")};
    refused("path length constraint exceeded");
}

BOOST_AUTO_TEST_CASE(B15_an_unknown_critical_extension_is_refused) {
    leaf.more = {{"1.3.6.1.4.1.99999.1", "DER:05:00"}};
    accepted();
    leaf.more = {{"1.3.6.1.4.1.99999.1", "critical,DER:05:00"}};
    refused("unhandled critical extension");
}

BOOST_AUTO_TEST_CASE(B15_an_unknown_critical_extension_of_an_intermediate_is_refused) {
    middle.more = {{"1.3.6.1.4.1.99999.1", "critical,DER:05:00"}};
    refused("unhandled critical extension");
}

BOOST_AUTO_TEST_CASE(B16_a_short_key_is_refused_anywhere) {
    for (auto* const spec : {&root, &middle, &leaf}) {
        spec->key = key_type::rsa_2048;
        accepted();
        spec->key = key_type::rsa_1024;
        refused("key too weak");
        spec->key = key_type::p256;
    }
}

BOOST_AUTO_TEST_CASE(B16_a_sha_1_signature_is_refused) {
    for (auto* const spec : {&middle, &leaf}) {
        spec->digest = "SHA1";
        refused("signature digest algorithm too weak");
        spec->digest = "SHA256";
    }
    root.digest = "SHA1"; // nobody relies on a root's own signature
    accepted();
}

BOOST_AUTO_TEST_CASE(B17_a_certificate_of_a_thousand_names_is_accepted) {
    leaf.names.clear();
    for (int i = 0; i < 1000; ++i)
        leaf.names.push_back(dns("host-" + std::to_string(i) + ".example.test"));
    host = "host-999.example.test";
    accepted();
    host = "host-1000.example.test";
    refused("hostname mismatch");
}

BOOST_AUTO_TEST_CASE(B19_a_trailing_dot_and_upper_case_name_the_same_host) {
    for (auto const* const url : {"https://sts.example.test.", "https://STS.Example.TEST"}) {
        host = sts::endpoint(url).host();
        accepted();
    }
    leaf.names = {dns("STS.Example.TEST")};
    accepted();
}

BOOST_AUTO_TEST_CASE(B19_an_internationalised_host_is_known_by_its_a_label) {
    host = sts::endpoint("https://xn--bcher-kva.example.test").host();
    leaf.names = {dns("xn--bcher-kva.example.test")};
    accepted();
    leaf.names = {dns("*.example.test")};
    accepted();
    leaf.names = {dns("b\xc3\xbc"
                      "cher.example.test")};
    refused("hostname mismatch");
}

BOOST_AUTO_TEST_CASE(B19_a_u_label_is_refused_before_anything_is_sent) {
    auto const message = test::refusal([] {
        sts::endpoint const made("https://b\xc3\xbc"
                                 "cher.example.test");
    });
    BOOST_TEST(!message.empty());
}

BOOST_AUTO_TEST_CASE(B29_a_certificate_out_of_its_time_has_the_code_of_that) {
    leaf.valid_from = -2h;
    leaf.valid_until = -1h;
    for (auto const version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        max_version = version;
        refused("certificate has expired", X509_V_ERR_CERT_HAS_EXPIRED);
    }
    leaf.valid_from = 1h;
    leaf.valid_until = 2h;
    refused("certificate is not yet valid", X509_V_ERR_CERT_NOT_YET_VALID);
}

BOOST_AUTO_TEST_CASE(B29_a_certificate_for_another_host_has_the_code_of_that) {
    host = "other.example.test";
    refused("hostname mismatch", X509_V_ERR_HOSTNAME_MISMATCH);
    is_ip_address = true;
    host = "127.0.0.1";
    refused("IP address mismatch", X509_V_ERR_IP_ADDRESS_MISMATCH);
}

BOOST_AUTO_TEST_CASE(B29_an_unknown_authority_has_the_code_of_how_it_is_unknown) {
    auto const anchor = issue(root);
    auto const shown = issue(leaf, anchor);
    auto const another = issue(authority_spec("another root"));
    check_refused(connect(shown.pem(), shown, another.pem()), "certificate",
                  X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    check_refused(connect(shown.pem() + anchor.pem(), shown, another.pem()), "certificate",
                  X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
    auto const alone = issue(leaf);
    check_refused(connect(alone.pem(), alone, another.pem()), "self-signed certificate",
                  X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

BOOST_AUTO_TEST_CASE(B29_a_weak_key_or_digest_has_the_code_of_that) {
    leaf.key = key_type::rsa_1024;
    refused("key too weak", X509_V_ERR_EE_KEY_TOO_SMALL);
    leaf.key = key_type::p256;
    middle.key = key_type::rsa_1024;
    refused("key too weak", X509_V_ERR_CA_KEY_TOO_SMALL);
    middle.key = key_type::p256;
    leaf.digest = "SHA1";
    refused("signature digest algorithm too weak", X509_V_ERR_CA_MD_TOO_WEAK);
}

BOOST_AUTO_TEST_CASE(B29_a_fault_that_the_client_finds_behind_openssl_has_its_code_too) {
    auto const anchor = issue(root);
    auto const shown = issue(leaf, issue(middle, anchor));
    check_refused(connect(shown.pem(), shown, shown.pem()), "unable to get local issuer certificate",
                  X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

BOOST_AUTO_TEST_SUITE_END()
