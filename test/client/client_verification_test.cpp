// Whom a client trusts: the names and authorities of a server, and verification switched off.
#include "support/refused.hpp"
#include "support/service.hpp"
#include "testing/certificates.hpp"

#include <cstddef>

using namespace test;
using sts::error_kind;
using sts::phase;
using sts::testing::make_server_identity;
using sts::testing::mock_options;

BOOST_FIXTURE_TEST_SUITE(verification, service)

// Refused before a byte of the request is sent
BOOST_AUTO_TEST_CASE(B4_B5_B12_refuses_a_server_that_is_not_who_it_should_be) {
    auto unknown_root = options();
    unknown_root.tls.ca_pem = sts::testing::mock_sts().ca_pem();
    mock_options other_name;
    other_name.certificate_names = {"other.test", "*.localhost"};
    service elsewhere(other_name);
    mock_options name_for_address;
    name_for_address.certificate_names = {"localhost", "DNS:127.0.0.1"};
    service no_address(name_for_address);
    auto by_address = no_address.options();
    by_address.endpoint =
        sts::endpoint("https://127.0.0.1:" + std::to_string(no_address.mock.port()) + "/use/token");

    auto const check = [](sts::error_info const& info, std::size_t requests) {
        BOOST_TEST(info.kind == error_kind::tls);
        BOOST_TEST(info.phase == phase::tls);
        BOOST_TEST(!info.request_sent);
        BOOST_TEST(contains(info.message, "certificate was refused"), info.message);
        BOOST_TEST(requests == 0U);
    };
    check(failure(client(unknown_root)), mock.requests());
    check(elsewhere.failure(elsewhere.client()), elsewhere.mock.requests());
    check(no_address.failure(no_address.client(by_address)), no_address.mock.requests());
}

BOOST_AUTO_TEST_CASE(does_not_trust_the_mock_without_its_authority) {
    auto system_roots = options();
    system_roots.tls.ca_pem.clear();
    auto const info = failure(client(system_roots));
    BOOST_TEST(info.kind == error_kind::tls);
    BOOST_TEST(contains(info.message, "client_options::tls.ca_file"), info.message);
}

BOOST_AUTO_TEST_CASE(B19_takes_upper_case_and_a_trailing_dot_for_the_same_name) {
    auto dotted = options();
    dotted.endpoint = sts::endpoint("https://LOCALHOST.:" + std::to_string(mock.port()) + "/use/token");
    BOOST_TEST(exchange(client(dotted)).has_value());
}

BOOST_AUTO_TEST_CASE(refuses_to_start_without_usable_authorities) {
    auto bad = options();
    bad.tls.ca_file = "/nonexistent/ca.pem";
    auto const message = refusal([&] { client(bad); });
    BOOST_TEST(contains(message, "/nonexistent/ca.pem"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(trust, service)

BOOST_AUTO_TEST_CASE(B24_the_authority_that_issued_the_certificate_needs_no_root) {
    using namespace sts::testing;
    auto const root = issue(authority_spec("a root"));
    auto const issuer = issue(authority_spec("an intermediate"), root);
    auto const shown = issue(server_spec({dns("localhost")}), issuer);
    mock_options setup;
    setup.certificate_pem = shown.pem() + issuer.pem();
    setup.key_pem = shown.key_pem();
    mock_sts const there(setup);
    auto options = this->options();
    options.endpoint = sts::endpoint(there.url());
    options.tls.ca_pem = issuer.pem();
    auto const token = sts::exchange_request(sts::subject_token(there.id_token())).scope(sts::scope("s"));
    BOOST_TEST(exchange(client(options), token).has_value());
    options.tls.ca_pem = shown.pem();
    BOOST_TEST(failure(client(options), token).kind == error_kind::tls);
}

BOOST_AUTO_TEST_CASE(B22_verification_is_switched_off_only_by_the_insecure_option_and_told) {
    auto options = this->options();
    options.tls.ca_pem = make_server_identity({"other.test"}).ca_pem;
    BOOST_TEST(failure(client(options)).kind == error_kind::tls);
    BOOST_TEST(!client(options).stats().insecure);
    options.tls.insecure_skip_verification = true;
    auto const blind = client(options);
    BOOST_TEST(exchange(blind).has_value());
    BOOST_TEST(blind.stats().insecure);
}

BOOST_AUTO_TEST_CASE(client_certificate_files_that_cannot_be_used_are_refused_when_the_client_is_made) {
    auto options = this->options();
    options.tls.client_certificate_file = "/does/not/exist";
    options.tls.client_key_file = "/does/not/exist/either";
    BOOST_TEST(contains(refusal([&] { client(options); }), "client_options::tls.client_certificate_file"));
}

BOOST_AUTO_TEST_SUITE_END()
