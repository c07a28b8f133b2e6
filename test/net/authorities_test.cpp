// Cases B27 and B28 of doc/faults.md: certificates with OpenSSL's settings of trust, and the variables that
// name the system's authorities.
#include "support/handshake.hpp"
#include "support/process.hpp"
#include "support/system_authorities.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/pem.h>

#include <memory>
#include <optional>
#include <string>

namespace net = equinix::sts::net;
using namespace std::chrono_literals;
using namespace equinix::sts::testing;
using equinix::sts::secret;
using test::contains;
using test::folder;
using test::refusal;

namespace {

/// The certificate as a `TRUSTED CERTIFICATE`, with these settings.
std::string with_settings(certificate const& of, int trusted, int rejected = NID_undef) {
    owned<X509> const copy(X509_dup(of.native()));
    constexpr unsigned char alias[] = "an alias";
    X509_alias_set1(copy.get(), alias, sizeof(alias) - 1);
    if (trusted != NID_undef) X509_add1_trust_object(copy.get(), OBJ_nid2obj(trusted));
    if (rejected != NID_undef) X509_add1_reject_object(copy.get(), OBJ_nid2obj(rejected));
    owned<BIO> const out(BIO_new(BIO_s_mem()));
    BOOST_REQUIRE(PEM_write_bio_X509_AUX(out.get(), copy.get()) == 1);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &data);
    std::string const pem(data, static_cast<std::size_t>(size));
    BOOST_REQUIRE(contains(pem, "-----BEGIN TRUSTED CERTIFICATE-----"));
    return pem;
}

std::string refused_settings(equinix::sts::tls_options const& settings) {
    return refusal([&] { net::tls_context const made(settings); });
}

/// Root, intermediate and server, and what a client makes of them.
struct chain_fixture : test::certificate_fixture {
    void make() {
        above.emplace(issue(root));
        between.emplace(issue(middle, *above));
        shown.emplace(issue(leaf, *between));
        sent = shown->pem() + between->pem();
    }
    void accepted_by(std::string const& ca_pem) const { check_accepted(connect(sent, *shown, ca_pem)); }
    void refused_by(std::string const& ca_pem, std::string_view reason) const {
        check_refused(connect(sent, *shown, ca_pem), reason);
    }

    std::optional<certificate> above, between, shown;
    std::string sent;
};

/// The same through variables.
struct system_fixture : chain_fixture, test::authority_variables {
    system_fixture() { make(); }

    /// With no authorities of its own.
    test::handshake_outcome connect_by_system() const {
        test::server_options options;
        options.chain_pem = sent;
        options.key_pem = shown->key_pem();
        return test::shake_hands(std::make_shared<net::tls_context const>(equinix::sts::tls_options()),
                                 test::tls_server(options), host);
    }
    static std::string refused_by_system() { return refused_settings(equinix::sts::tls_options()); }
    std::string missing() const { return (in.path() / "missing").string(); }

    folder in;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(settings_of_trust, chain_fixture)

BOOST_AUTO_TEST_CASE(B27_a_certificate_that_may_vouch_for_servers_is_an_authority) {
    make();
    accepted_by(with_settings(*above, NID_undef));
    accepted_by(with_settings(*above, NID_server_auth));
    accepted_by(with_settings(*above, NID_server_auth, NID_email_protect));
    accepted_by(with_settings(*above, NID_anyExtendedKeyUsage));
    accepted_by(with_settings(*between, NID_server_auth));
}

BOOST_AUTO_TEST_CASE(B27_one_that_may_not_is_none_and_named_where_there_is_no_other) {
    make();
    for (auto const& pem :
         {with_settings(*above, NID_client_auth), with_settings(*above, NID_undef, NID_server_auth),
          with_settings(*above, NID_server_auth, NID_server_auth),
          with_settings(*above, NID_undef, NID_anyExtendedKeyUsage)}) {
        equinix::sts::tls_options settings;
        settings.ca_pem = pem;
        BOOST_TEST(
            contains(refused_settings(settings),
                     "client_options::tls.ca_pem contains no certificate that is trusted for servers"));
        auto const another = issue(authority_spec("another root")).pem();
        refused_by(pem + another, "certificate rejected");
        refused_by(another + pem, "certificate rejected");
    }
}

BOOST_AUTO_TEST_CASE(B27_a_rejection_holds_wherever_the_same_certificate_is_trusted_too) {
    make();
    auto const rejected = with_settings(*above, NID_undef, NID_server_auth);
    refused_by(rejected + above->pem(), "certificate rejected");
    refused_by(above->pem() + rejected, "certificate rejected");
}

BOOST_AUTO_TEST_CASE(B27_no_path_leads_through_a_rejected_intermediate) {
    make();
    accepted_by(above->pem());
    refused_by(above->pem() + with_settings(*between, NID_undef, NID_server_auth), "certificate rejected");
}

BOOST_AUTO_TEST_CASE(B27_settings_lift_no_other_rule) {
    root.extended_key_usage = "clientAuth";
    make();
    refused_by(with_settings(*above, NID_server_auth), "certificate purpose");
    root.extended_key_usage.clear();
    middle.valid_until = -1min;
    make();
    refused_by(with_settings(*between, NID_server_auth), "certificate has expired");
    refused_by(with_settings(*shown, NID_server_auth), "unable to get local issuer certificate");
}

BOOST_AUTO_TEST_CASE(B27_our_own_certificate_must_have_none) {
    make();
    equinix::sts::tls_options settings;
    settings.client_certificate_pem = with_settings(*shown, NID_client_auth);
    settings.client_key_pem = secret(shown->key_pem());
    auto const message = refused_settings(settings);
    BOOST_TEST(contains(message, "client_options::tls.client_certificate_pem contains a TRUSTED CERTIFICATE"),
               message);
    BOOST_TEST(contains(message, "openssl x509 -in"), message);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(authorities_of_the_system, system_fixture)

BOOST_AUTO_TEST_CASE(B28_a_variable_names_them) {
    file(in.file("ca.pem", above->pem()));
    check_accepted(connect_by_system());
    file(std::nullopt);
    in.file(test::hashed_name(*above), above->pem());
    folders(in.path().string());
    check_accepted(connect_by_system());
    folders(missing() + ":" + in.path().string());
    check_accepted(connect_by_system());
}

BOOST_AUTO_TEST_CASE(B28_an_intermediate_among_them_is_an_authority) {
    file(in.file("ca.pem", between->pem()));
    check_accepted(connect_by_system());
}

BOOST_AUTO_TEST_CASE(B28_a_file_that_leads_to_none_is_named) {
    std::string const bad[] = {
        missing(),
        in.path().string(),
        in.file("empty", ""),
        in.file("garbage", "canary"),
        in.file("cut", "-----BEGIN CERTIFICATE-----\nMIIB"),
        in.file("key", shown->key_pem()),
        in.file("both", above->pem() + above->key_pem()),
        in.file("rejected", with_settings(*above, NID_client_auth)),
    };
    for (auto const& path : bad) {
        file(path);
        auto const message = refused_by_system();
        BOOST_TEST(message.starts_with("SSL_CERT_FILE: "), message);
        BOOST_TEST(contains(message, path), message);
        BOOST_TEST(!contains(message, "canary"), message);
    }
}

BOOST_AUTO_TEST_CASE(B28_a_folder_that_leads_to_none_is_named) {
    folder const another;
    in.file("ca.pem", above->pem()); // a name by which OpenSSL does not find it
    in.file("00000000.0", above->pem());
    another.file(test::hashed_name(*above), shown->key_pem());
    for (auto const& path : {missing(), in.path().string(), another.path().string(), std::string(":"),
                             in.path().string() + ":" + another.path().string()}) {
        folders(path);
        auto const message = refused_by_system();
        BOOST_TEST(message.starts_with("SSL_CERT_DIR: '" + path + "'"), message);
    }
}

BOOST_AUTO_TEST_CASE(B28_where_both_are_set_one_will_do) {
    auto const good_file = in.file("ca.pem", above->pem());
    folder const good_folder;
    good_folder.file(test::hashed_name(*above), above->pem());
    file(good_file);
    folders(missing());
    check_accepted(connect_by_system());
    file(missing());
    folders(good_folder.path().string());
    check_accepted(connect_by_system());
    folders(in.path().string());
    auto const message = refused_by_system();
    BOOST_TEST(contains(message, "SSL_CERT_FILE: "), message);
    BOOST_TEST(contains(message, "SSL_CERT_DIR: "), message);
}

BOOST_AUTO_TEST_CASE(B28_of_a_file_that_is_passed_over_no_part_is_trusted) {
    auto of_another = root;
    of_another.common_name = "another";
    certificate const another(issue(of_another));
    folder const with_another;
    with_another.file(test::hashed_name(another), another.pem());
    folders(with_another.path().string());
    file(
        in.file("torn.pem", above->pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    check_refused(connect_by_system(), "ignored: SSL_CERT_FILE: ");
}

BOOST_AUTO_TEST_CASE(B28_one_that_is_set_to_nothing_counts_as_unset) {
    file("");
    folders("");
    check_refused(connect_by_system(), "certificate");
    in.file(test::hashed_name(*above), above->pem());
    folders(in.path().string());
    check_accepted(connect_by_system());
}

BOOST_AUTO_TEST_CASE(B28_neither_counts_where_authorities_are_given) {
    file(missing());
    folders(missing());
    accepted_by(above->pem());
}

BOOST_AUTO_TEST_SUITE_END()
