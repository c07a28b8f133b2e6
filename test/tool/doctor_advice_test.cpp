// What the doctor says to do, by kind and code: no process, no I/O.
#include "support/refused.hpp"
#include "tool/doctor/advice.hpp"
#include "tool/our_words.hpp"

#include <netdb.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <set>
#include <utility>

using namespace test;
using namespace equinix::sts;
using namespace equinix::sts::tool;

namespace {

std::string advice(error_kind kind, boost::system::error_code code, phase where = phase::none) {
    error_info failed;
    failed.kind = kind;
    failed.phase = where;
    failed.code = code;
    return doctor::advice_for(failed, {});
}

std::string on_certificate(int cause) {
    return advice(error_kind::tls, {cause, certificate_category()}, phase::tls);
}
std::string on_alert(int number) {
    return advice(error_kind::tls, {number, tls_alert_category()}, phase::tls);
}
boost::system::error_code of_system(int number) {
    return {number, boost::system::system_category()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(doctor_advice)

BOOST_AUTO_TEST_CASE(B29_on_a_refused_certificate_goes_by_its_code) {
    std::pair<int, char const*> const cases[] = {
        {X509_V_ERR_CERT_HAS_EXPIRED, "must renew"},
        {X509_V_ERR_CERT_NOT_YET_VALID, "clock if it is behind"},
        {X509_V_ERR_HOSTNAME_MISMATCH, "the host in --url"},
        {X509_V_ERR_IP_ADDRESS_MISMATCH, "use the host's name"},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "is self-signed"},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "root"},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "pass the authority"},
        {X509_V_ERR_CERT_SIGNATURE_FAILURE, "out of date"},
        {X509_V_ERR_CERT_REVOKED, "revoked"},
        {X509_V_ERR_EE_KEY_TOO_SMALL, "2,048 bits"},
        {X509_V_ERR_CA_KEY_TOO_SMALL, "2,048 bits"},
        {X509_V_ERR_CA_MD_TOO_WEAK, "SHA-256"},
        {X509_V_ERR_INVALID_PURPOSE, "serverAuth"},
        {X509_V_ERR_EXCLUDED_VIOLATION, "not allowed to certify"},
        {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "RFC 5280"}};
    for (auto const& [cause, part] : cases)
        BOOST_TEST(contains(on_certificate(cause), part), on_certificate(cause));
}

BOOST_AUTO_TEST_CASE(C22_on_an_alert_goes_by_its_number) {
    std::pair<int, char const*> const cases[] = {{40, "requires a\nclient certificate"},
                                                 {41, "give --client-cert and --client-key"},
                                                 {42, "the server cannot use them"},
                                                 {43, "of this kind"},
                                                 {44, "the client certificate was revoked"},
                                                 {45, "the client certificate has expired"},
                                                 {46, "does not say why"},
                                                 {48, "does not know the authority"},
                                                 {49, "registered"},
                                                 {70, "neither TLS 1.2 nor 1.3"},
                                                 {71, "openssl.cnf"},
                                                 {80, "internal error"},
                                                 {112, "the host in --url"},
                                                 {116, "give --client-cert and --client-key"},
                                                 {120, "HTTP/1.1"},
                                                 {200, "not compatible"}};
    for (auto const& [number, part] : cases)
        BOOST_TEST(contains(on_alert(number), part), on_alert(number));
}

BOOST_AUTO_TEST_CASE(tells_an_alert_from_a_certificate_of_the_same_number) {
    BOOST_TEST(on_alert(X509_V_ERR_HOSTNAME_MISMATCH) != on_certificate(X509_V_ERR_HOSTNAME_MISMATCH));
    BOOST_TEST(advice(error_kind::tls, error_kind::tls) != on_alert(5));
}

BOOST_AUTO_TEST_CASE(A1_on_a_look_up_goes_by_the_resolvers_code) {
    auto const on = [](int result) {
        return advice(error_kind::dns, {result, resolver_category()}, phase::dns);
    };
    BOOST_TEST(contains(on(EAI_NONAME), "spelling"));
    BOOST_TEST(contains(on(EAI_AGAIN), "does not answer"));
    BOOST_TEST(contains(on(EAI_FAMILY), "nsswitch.conf"));
    for (auto const result : {EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_FAMILY})
        BOOST_TEST(contains(on(result), "--proxy"));
    BOOST_TEST(contains(advice(error_kind::timeout, error_kind::timeout, phase::dns), "/etc/resolv.conf"));
}

BOOST_AUTO_TEST_CASE(A4_on_a_connection_goes_by_the_systems_code) {
    auto const on = [](int number) { return advice(error_kind::connect, of_system(number), phase::connect); };
    std::set<std::string> all;
    for (auto const number : {ECONNREFUSED, ENETUNREACH, EACCES, ETIMEDOUT})
        all.insert(on(number));
    BOOST_TEST(all.size() == 4U);
    BOOST_TEST(on(ENETUNREACH) == on(EHOSTUNREACH));
    BOOST_TEST(contains(on(ECONNREFUSED), "nothing listens there"));
}

BOOST_AUTO_TEST_CASE(A9_on_what_the_system_is_short_of_goes_by_its_code) {
    auto const on = [](int number) { return advice(error_kind::network, of_system(number), phase::connect); };
    BOOST_TEST(contains(on(EMFILE), "ulimit -n"));
    BOOST_TEST(contains(on(ENOMEM), "memory"));
    BOOST_TEST(contains(on(EAGAIN), "ulimit -u"));
    BOOST_TEST(contains(on(EPERM), "seccomp"));
}

BOOST_AUTO_TEST_CASE(L25_on_an_option_names_it_as_the_command_does) {
    error_info failed;
    failed.kind = error_kind::config;
    failed.code = failed.kind;
    BOOST_TEST(doctor::advice_for(failed, {}) == "correct the value that the message names");
    failed.option = "client_options::tls.client_certificate_file";
    BOOST_TEST(doctor::advice_for(failed, {}) == "correct --client-cert");
    failed.option = "EQUINIX_API_TIMEOUT";
    BOOST_TEST(doctor::advice_for(failed, {}) == "correct EQUINIX_API_TIMEOUT");
    failed.code = of_system(ENOSYS);
    BOOST_TEST(contains(doctor::advice_for(failed, {}), "seccomp"));
}

BOOST_AUTO_TEST_CASE(L25_a_message_has_the_commands_words_unless_a_variable_is_wrong) {
    error_info failed;
    failed.option = "client_options::tls.ca_file";
    BOOST_TEST(in_our_words(failed, "config: client_options::tls.ca_file: cannot read") ==
               "config: --ca-file: cannot read");
    failed.option = "EQUINIX_STS_ENDPOINT";
    BOOST_TEST(in_our_words(failed, "EQUINIX_STS_ENDPOINT: endpoint URL is malformed") ==
               "EQUINIX_STS_ENDPOINT: endpoint URL is malformed");
    failed.option = "--bearer-file";
    BOOST_TEST(in_our_words(failed, "client_authentication") == "--client-id and --client-secret-file");
}

BOOST_AUTO_TEST_SUITE_END()
