// Case B23 of doc/faults.md: the rules of RFC 5280 section 6 on a path of certificates, one by one.
#include "support/handshake.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

using namespace equinix::sts::testing;
using test::certificate_fixture;

BOOST_FIXTURE_TEST_SUITE(path, certificate_fixture)

// 6.1.3 (a)(1): the signature
BOOST_AUTO_TEST_CASE(B23_a_signature_by_another_key_is_refused) {
    middle.key_identifiers = leaf.key_identifiers = false;
    auto const anchor = issue(root);
    auto const shown = issue(leaf, issue(middle, anchor));
    auto const namesake = issue(middle, anchor);
    check_refused(connect(shown.pem() + namesake.pem(), shown, anchor.pem()),
                  "certificate signature failure");
}

BOOST_AUTO_TEST_CASE(B23_a_key_identifier_of_another_issuer_is_refused) {
    auto const anchor = issue(root);
    auto const shown = issue(leaf, issue(middle, anchor));
    auto const namesake = issue(middle, anchor);
    check_refused(connect(shown.pem() + namesake.pem(), shown, anchor.pem()),
                  "unable to get local issuer certificate");
}

// 6.1.3 (a)(4): names chain
BOOST_AUTO_TEST_CASE(B23_an_issuer_of_another_name_is_refused) {
    leaf.issuer_name = "somebody else";
    refused("unable to get local issuer certificate");
}

BOOST_AUTO_TEST_CASE(B23_an_intermediates_issuer_of_another_name_is_refused) {
    middle.issuer_name = "somebody else";
    refused("unable to get local issuer certificate");
}

// 6.1.3 (b, c), 4.2.1.10: name constraints
BOOST_AUTO_TEST_CASE(B23_a_host_outside_the_permitted_names_is_refused) {
    middle.more = {{"nameConstraints", "critical,permitted;DNS:example.test"}};
    accepted();
    middle.more = {{"nameConstraints", "critical,permitted;DNS:other.test"}};
    refused("permitted subtree violation");
    middle.more = {{"nameConstraints", "critical,permitted;DNS:ample.test"}};
    refused("permitted subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_an_excluded_host_is_refused) {
    middle.more = {{"nameConstraints", "critical,excluded;DNS:other.test"}};
    accepted();
    middle.more = {{"nameConstraints", "critical,excluded;DNS:example.test"}};
    refused("excluded subtree violation");
    middle.more = {{"nameConstraints", "critical,permitted;DNS:test,excluded;DNS:STS.Example.Test"}};
    refused("excluded subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_a_host_that_is_excluded_is_not_accepted_by_a_wildcard) {
    leaf.names = {dns("*.example.test")};
    middle.more = {{"nameConstraints", "critical,excluded;DNS:other.example.test"}};
    accepted();
    host = "other.example.test";
    refused("excluded subtree violation");
    std::swap(root.more, middle.more);
    refused("excluded subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_a_wildcard_beyond_the_permitted_names_is_refused) {
    leaf.names = {dns("*.example.test")};
    middle.more = {{"nameConstraints", "critical,permitted;DNS:sts.example.test"}};
    refused("permitted subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_every_name_must_be_within_the_constraints) {
    middle.more = {{"nameConstraints", "critical,permitted;DNS:example.test"}};
    leaf.names = {dns("sts.example.test"), dns("sts.other.test")};
    refused("permitted subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_name_constraints_hold_at_any_depth) {
    middle.more = {{"nameConstraints", "critical,permitted;DNS:other.test"}};
    below = {authority_spec("lower intermediate")};
    refused("permitted subtree violation");
    below.front().more = {{"nameConstraints", "critical,permitted;DNS:example.test"}}; // it cannot widen them
    refused("permitted subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_name_constraints_hold_when_they_are_not_critical) {
    middle.more = {{"nameConstraints", "excluded;DNS:example.test"}};
    refused("excluded subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_an_address_outside_the_permitted_ones_is_refused) {
    host = "192.0.2.1";
    is_ip_address = true;
    leaf.names = {ip(host)};
    middle.more = {{"nameConstraints", "critical,permitted;IP:192.0.2.0/255.255.255.0"}};
    accepted();
    middle.more = {{"nameConstraints", "critical,permitted;IP:198.51.100.0/255.255.255.0"}};
    refused("permitted subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_an_excluded_address_is_refused) {
    host = "192.0.2.1";
    is_ip_address = true;
    leaf.names = {ip(host)};
    middle.more = {{"nameConstraints", "critical,excluded;IP:192.0.2.0/255.255.255.0"}};
    refused("excluded subtree violation");
    middle.more = {{"nameConstraints", "critical,excluded;IP:0.0.0.0/0.0.0.0"}};
    refused("excluded subtree violation");
}

BOOST_AUTO_TEST_CASE(B23_a_name_of_another_type_outside_the_permitted_ones_is_refused) {
    middle.more = {{"nameConstraints", "critical,permitted;email:example.test"}};
    accepted(); // a constraint on names of a form that the certificate has not
    leaf.names.push_back(email("a@other.test"));
    refused("permitted subtree violation");
    leaf.names.pop_back();
    middle.more = {{"nameConstraints", "critical,permitted;URI:.example.test"}};
    leaf.names.push_back(uri("https://a.other.test/"));
    refused("permitted subtree violation");
}

// 6.1.3 (d) to (f), 6.1.5 (g): policies
// OpenSSL 3.0 leaks the constraints of a certificate that has no policies: here each that has them has both.
BOOST_AUTO_TEST_CASE(B23_a_required_policy_that_is_missing_is_refused) {
    middle.more = {{"policyConstraints", "critical,requireExplicitPolicy:0"},
                   {"certificatePolicies", "1.3.6.1.4.1.99999.7"}};
    refused("no explicit policy");
    leaf.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.8"}};
    refused("no explicit policy");
    leaf.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.7"}};
    accepted();
    below = {authority_spec("lower intermediate")};
    refused("no explicit policy");
}

BOOST_AUTO_TEST_CASE(B23_any_policy_that_is_inhibited_is_refused) {
    middle.more = {{"policyConstraints", "critical,requireExplicitPolicy:0"},
                   {"certificatePolicies", "1.3.6.1.4.1.99999.7"}};
    leaf.more = {{"certificatePolicies", "2.5.29.32.0"}};
    accepted();
    middle.more.push_back({"inhibitAnyPolicy", "critical,0"});
    refused("no explicit policy");
}

BOOST_AUTO_TEST_CASE(B23_a_mapping_of_policies_counts_where_it_is_not_inhibited) {
    middle.more = {{"policyConstraints", "critical,requireExplicitPolicy:0"},
                   {"certificatePolicies", "1.3.6.1.4.1.99999.7"}};
    below = {authority_spec("lower intermediate")};
    below.front().more = {{"certificatePolicies", "1.3.6.1.4.1.99999.7"},
                          {"policyMappings", "critical,1.3.6.1.4.1.99999.7:1.3.6.1.4.1.99999.8"}};
    leaf.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.8"}};
    accepted();
    middle.more.front().value += ",inhibitPolicyMapping:0";
    refused("no explicit policy");
}

BOOST_AUTO_TEST_CASE(B23_a_policy_that_cannot_be_read_or_mapped_is_refused) {
    leaf.more = {{"certificatePolicies", "DER:05:00"}};
    refused("certificate policy extension");
    leaf.more.clear();
    middle.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.7"},
                   {"policyMappings", "critical,anyPolicy:1.3.6.1.4.1.99999.8"}};
    refused("certificate policy extension");
}

BOOST_AUTO_TEST_CASE(B23_policies_that_nobody_requires_are_not_judged) {
    middle.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.7"}};
    leaf.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.8"}};
    accepted();
}

// 6.1.4 (k): who is an authority
BOOST_AUTO_TEST_CASE(B23_an_intermediate_without_basic_constraints_is_refused) {
    middle.basic_constraints.clear();
    refused("invalid CA certificate");
    middle.key_usage.clear();
    refused("invalid CA certificate");
    middle.more = {{"nsCertType", "sslCA"}};
    refused("invalid CA certificate");
}

BOOST_AUTO_TEST_CASE(B23_a_version_1_intermediate_is_refused) {
    middle.version_1 = true;
    refused("invalid CA certificate");
}

BOOST_AUTO_TEST_CASE(B23_an_intermediate_that_says_it_is_no_authority_is_refused) {
    middle.basic_constraints = "critical,CA:FALSE";
    refused("invalid CA certificate");
}

BOOST_AUTO_TEST_CASE(B23_an_intermediate_at_any_depth_must_be_an_authority) {
    below = {authority_spec("lower intermediate")};
    accepted();
    below.front().basic_constraints.clear();
    refused("invalid CA certificate");
}

BOOST_AUTO_TEST_CASE(B23_an_intermediate_among_the_trusted_must_be_an_authority) {
    middle.basic_constraints.clear();
    auto const anchor = issue(root);
    auto const issuer = issue(middle, anchor);
    auto const shown = issue(leaf, issuer);
    check_refused(connect(shown.pem(), shown, anchor.pem() + issuer.pem()), "invalid CA certificate");
}

BOOST_AUTO_TEST_CASE(a_plain_private_root_is_accepted) {
    root.key_identifiers = middle.key_identifiers = leaf.key_identifiers = false;
    root.key_usage.clear();
    root.basic_constraints = "CA:TRUE";
    middle.key_usage.clear();
    accepted();
    root.version_1 = true;
    accepted();
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_that_is_itself_trusted_is_accepted) {
    auto const alone = issue(leaf);
    check_accepted(connect(alone.pem(), alone, alone.pem()));
}

// 6.1.4 (l, m): the path's length
BOOST_AUTO_TEST_CASE(B23_a_roots_limit_of_the_path_holds) {
    root.basic_constraints = "critical,CA:TRUE,pathlen:0";
    refused("path length constraint exceeded");
    root.basic_constraints = "critical,CA:TRUE,pathlen:1";
    accepted();
}

BOOST_AUTO_TEST_CASE(B23_a_lower_limit_of_the_path_cannot_be_raised) {
    middle.basic_constraints = "critical,CA:TRUE,pathlen:0";
    below = {authority_spec("lower intermediate")};
    below.front().basic_constraints = "critical,CA:TRUE,pathlen:5";
    refused("path length constraint exceeded");
}

BOOST_AUTO_TEST_CASE(B23_a_self_issued_intermediate_does_not_count) {
    middle.basic_constraints = "critical,CA:TRUE,pathlen:0";
    below = {middle}; // the same name and a new key
    accepted();
}

// 6.1.4 (n): the key's usage
BOOST_AUTO_TEST_CASE(B23_an_intermediate_that_may_not_sign_certificates_is_refused) {
    middle.key_usage = "critical,digitalSignature,cRLSign";
    refused(""); // as "invalid CA" or by the usage's own name, as the path was found
}

// 6.1.4 (o), 6.1.5 (f): critical extensions; 4.2: each extension once
BOOST_AUTO_TEST_CASE(B23_an_extension_that_is_there_twice_is_refused) {
    leaf.more = {{"extendedKeyUsage", "serverAuth"}};
    refused("");
    leaf.more.clear();
    middle.more = {{"basicConstraints", "critical,CA:TRUE"}};
    refused("");
}

BOOST_AUTO_TEST_CASE(B23_an_extension_that_cannot_be_read_is_refused) {
    leaf.extended_key_usage.clear();
    leaf.more = {{"extendedKeyUsage", "DER:05:00"}};
    refused("");
    leaf.more.clear();
    leaf.basic_constraints.clear();
    leaf.more = {{"basicConstraints", "critical,DER:05:00"}};
    refused("");
}

// 4.2.1.12, 4.2.1.3: the purpose
BOOST_AUTO_TEST_CASE(B23_an_intermediate_for_another_purpose_is_refused) {
    middle.extended_key_usage = "serverAuth,clientAuth";
    accepted();
    middle.extended_key_usage = "clientAuth,emailProtection";
    refused("certificate purpose");
}

BOOST_AUTO_TEST_CASE(B23_a_certificate_for_another_purpose_is_refused) {
    for (auto const* const usage : {"codeSigning", "emailProtection", "OCSPSigning", "timeStamping"}) {
        leaf.extended_key_usage = usage;
        refused("certificate purpose");
    }
}

BOOST_AUTO_TEST_CASE(B23_a_certificate_of_any_purpose_is_accepted) {
    leaf.extended_key_usage.clear();
    leaf.key_usage.clear();
    accepted();
}

BOOST_AUTO_TEST_CASE(B23_a_key_that_may_not_sign_a_handshake_is_refused) {
    leaf.key_usage = "critical,cRLSign";
    refused("certificate purpose");
}

BOOST_AUTO_TEST_SUITE_END()
