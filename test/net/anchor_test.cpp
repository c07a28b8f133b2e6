// Cases B24 to B26 of doc/faults.md: authorities of ours that are no roots.
#include "support/handshake.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace std::chrono_literals;
using namespace equinix::sts::testing;
using test::certificate_fixture;
using test::handshake_outcome;

namespace {

struct anchor_fixture : certificate_fixture {
    /// The intermediate is trusted, the root above it only where that is asked for. The server sends what is
    /// below.
    handshake_outcome connect_by_middle(bool trusts_root = false) const {
        auto const above = issue(root);
        auto issuer = issue(middle, above);
        auto const trusted = issuer.pem() + (trusts_root ? above.pem() : "");
        std::string chain;
        for (auto const& spec : below) {
            issuer = issue(spec, issuer);
            chain.insert(0, issuer.pem());
        }
        auto const shown = issue(leaf, issuer);
        return connect(shown.pem() + chain, shown, trusted);
    }

    void accepted() const { check_accepted(connect_by_middle()); }
    void refused(std::string_view reason) const { check_refused(connect_by_middle(), reason); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(anchor, anchor_fixture)

BOOST_AUTO_TEST_CASE(B24_an_issuer_that_is_trusted_needs_no_root) {
    accepted();
    max_version = TLS1_2_VERSION;
    accepted();
    below = {authority_spec("lower intermediate")};
    accepted();
}

BOOST_AUTO_TEST_CASE(B24_the_server_may_send_it_and_its_root_too) {
    auto const above = issue(root);
    auto const issuer = issue(middle, above);
    auto const shown = issue(leaf, issuer);
    check_accepted(connect(shown.pem() + issuer.pem(), shown, issuer.pem()));
    check_accepted(connect(shown.pem() + issuer.pem() + above.pem(), shown, issuer.pem()));
    check_accepted(connect(shown.pem() + above.pem(), shown, issuer.pem()));
}

BOOST_AUTO_TEST_CASE(B24_two_of_them_are_one_path) {
    auto const upper = issue(middle, issue(root));
    auto const lower = issue(authority_spec("lower intermediate"), upper);
    auto const shown = issue(leaf, lower);
    check_accepted(connect(shown.pem(), shown, lower.pem()));
    check_accepted(connect(shown.pem(), shown, upper.pem() + lower.pem()));
    check_accepted(connect(shown.pem() + lower.pem(), shown, upper.pem()));
    check_refused(connect(shown.pem(), shown, upper.pem()), "unable to get local issuer certificate");
}

BOOST_AUTO_TEST_CASE(B24_what_the_upper_one_demands_holds_too) {
    middle.more = {{"nameConstraints", "critical,permitted;DNS:other.test"}};
    auto const upper = issue(middle, issue(root));
    auto const lower = issue(authority_spec("lower intermediate"), upper);
    auto const shown = issue(leaf, lower);
    check_refused(connect(shown.pem(), shown, upper.pem() + lower.pem()), "permitted subtree violation");
}

BOOST_AUTO_TEST_CASE(B24_its_own_dates_hold) {
    middle.valid_until = -1min;
    refused("certificate has expired");
    middle.valid_until = 24h;
    middle.valid_from = 1h;
    refused("certificate is not yet valid");
}

BOOST_AUTO_TEST_CASE(B24_its_name_constraints_hold) {
    middle.more = {{"nameConstraints", "critical,permitted;DNS:example.test"}};
    accepted();
    middle.more = {{"nameConstraints", "critical,permitted;DNS:other.test"}};
    refused("permitted subtree violation");
    middle.more = {{"nameConstraints", "excluded;DNS:sts.example.test"}};
    refused("excluded subtree violation");
    leaf.names = {dns("*.example.test")};
    refused("excluded subtree violation"); // by the host itself
}

BOOST_AUTO_TEST_CASE(B24_its_limit_of_the_path_holds) {
    middle.basic_constraints = "critical,CA:TRUE,pathlen:0";
    accepted();
    below = {authority_spec("one too many")};
    refused("path length constraint exceeded");
}

BOOST_AUTO_TEST_CASE(B24_its_policies_hold) {
    middle.more = {{"policyConstraints", "critical,requireExplicitPolicy:0"},
                   {"certificatePolicies", "1.3.6.1.4.1.99999.7"}};
    refused("no explicit policy");
    leaf.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.8"}};
    refused("no explicit policy");
    leaf.more = {{"certificatePolicies", "1.3.6.1.4.1.99999.7"}};
    accepted();
    leaf.more = {{"certificatePolicies", "2.5.29.32.0"}};
    accepted();
    middle.more.push_back({"inhibitAnyPolicy", "critical,0"});
    refused("no explicit policy");
}

BOOST_AUTO_TEST_CASE(B24_a_policy_of_its_own_that_cannot_be_read_is_refused) {
    middle.more = {{"certificatePolicies", "DER:05:00"}};
    refused("certificate policy extension");
}

BOOST_AUTO_TEST_CASE(B24_its_purpose_holds) {
    middle.extended_key_usage = "serverAuth,clientAuth";
    accepted();
    middle.extended_key_usage = "clientAuth,emailProtection";
    refused("certificate purpose");
}

BOOST_AUTO_TEST_CASE(B24_its_key_and_its_signature_are_checked) {
    middle.key = key_type::rsa_1024;
    refused("key too weak");
    middle.key = key_type::p256;
    middle.key_identifiers = leaf.key_identifiers = false;
    auto const above = issue(root);
    auto const shown = issue(leaf, issue(middle, above));
    auto const namesake = issue(middle, above);
    check_refused(connect(shown.pem(), shown, namesake.pem()), "certificate signature failure");
}

BOOST_AUTO_TEST_CASE(B24_an_unknown_critical_extension_of_it_is_refused) {
    middle.more = {{"1.3.6.1.4.1.99999.1", "critical,DER:05:00"}};
    refused("unhandled critical extension");
}

BOOST_AUTO_TEST_CASE(B24_where_there_is_a_root_what_that_one_demands_holds) {
    check_accepted(connect_by_middle(true));
    root.more = {{"nameConstraints", "critical,permitted;DNS:other.test"}};
    check_refused(connect_by_middle(true), "permitted subtree violation");
    root.more.clear();
    root.basic_constraints = "critical,CA:TRUE,pathlen:0";
    check_refused(connect_by_middle(true), "path length constraint exceeded");
    root.basic_constraints = "critical,CA:TRUE";
    root.valid_until = -1min;
    check_refused(connect_by_middle(true), "certificate has expired");
}

BOOST_AUTO_TEST_CASE(B25_one_that_may_not_issue_certificates_is_no_anchor) {
    middle.basic_constraints.clear();
    refused("invalid CA certificate"); // although its key may sign them
    middle.key_usage.clear();
    refused("invalid CA certificate");
    middle.more = {{"nsCertType", "sslCA"}};
    refused("invalid CA certificate");
    middle.more.clear();
    middle.version_1 = true;
    refused("invalid CA certificate");
    middle = authority_spec("test intermediate");
    middle.basic_constraints = "critical,CA:FALSE";
    refused("invalid CA certificate");
    middle = authority_spec("test intermediate");
    middle.key_usage = "critical,digitalSignature,cRLSign";
    refused(""); // as "invalid CA" or by the usage's own name, as the path was found
}

BOOST_AUTO_TEST_CASE(B25_a_servers_certificate_that_another_issued_is_no_anchor_for_itself) {
    auto const issuer = issue(middle, issue(root));
    auto const shown = issue(leaf, issuer);
    check_refused(connect(shown.pem(), shown, shown.pem()), "unable to get local issuer certificate");
    check_refused(connect(shown.pem() + issuer.pem(), shown, shown.pem()), "certificate");
    leaf.basic_constraints = "critical,CA:TRUE";
    leaf.key_usage = "critical,digitalSignature,keyCertSign";
    auto const authority = issue(leaf, issuer);
    check_refused(connect(authority.pem(), authority, authority.pem()),
                  "unable to get local issuer certificate");
}

BOOST_AUTO_TEST_CASE(B26_an_authority_that_the_server_sends_is_no_anchor) {
    auto const another = issue(authority_spec("another intermediate"), issue(root));
    auto const above = issue(root);
    auto const issuer = issue(middle, above);
    auto const shown = issue(leaf, issuer);
    check_refused(connect(shown.pem() + issuer.pem(), shown, another.pem()),
                  "unable to get local issuer certificate");
    check_refused(connect(shown.pem() + issuer.pem() + above.pem(), shown, another.pem()),
                  "self-signed certificate in certificate chain");
}

BOOST_AUTO_TEST_SUITE_END()
