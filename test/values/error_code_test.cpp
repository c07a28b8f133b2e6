// The code of an error: categories, and what the text says of the cause.
#include "base/failure.hpp"

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <netdb.h>
#include <openssl/x509_vfy.h>

#include <cstdint>
#include <string>
#include <utility>

namespace sts = equinix::sts;
using namespace equinix::sts;

namespace {

boost::system::error_code certificate(int cause) {
    return {cause, certificate_category()};
}
boost::system::error_code alert(int number) {
    return {number, tls_alert_category()};
}

/// A category as another copy of the library in the same process has it.
class copied_category final : public boost::system::error_category {
public:
    constexpr explicit copied_category(std::uint64_t number) noexcept : error_category(number) {}
    char const* name() const noexcept override { return "copy"; }
    std::string message(int) const override { return "copy"; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(compares_as_an_error_code) {
    boost::system::error_code const code = sts::error_kind::timeout;
    BOOST_TEST((code == sts::error_kind::timeout));
    BOOST_TEST(code.category().name() == "equinix.sts");
}

BOOST_AUTO_TEST_CASE(B29_the_category_of_certificates_has_openssls_values_and_words) {
    BOOST_TEST(certificate(X509_V_ERR_CERT_HAS_EXPIRED).message() == "certificate has expired");
    BOOST_TEST(certificate(X509_V_ERR_HOSTNAME_MISMATCH).message() ==
               X509_verify_cert_error_string(X509_V_ERR_HOSTNAME_MISMATCH));
    BOOST_TEST(!certificate(9999).message().empty());
    BOOST_TEST(certificate_category().name() == "equinix.sts.certificate");
}

BOOST_AUTO_TEST_CASE(C22_the_category_of_alerts_has_the_numbers_and_names_of_rfc_8446) {
    std::pair<int, std::string> const some[] = {{0, "close_notify"},
                                                {40, "handshake_failure"},
                                                {45, "certificate_expired"},
                                                {70, "protocol_version"},
                                                {112, "unrecognized_name"},
                                                {116, "certificate_required"},
                                                {120, "no_application_protocol"}};
    for (auto const& [number, name] : some)
        BOOST_TEST(alert(number).message() == name);
    BOOST_TEST(alert(200).message() == "alert 200");
    BOOST_TEST(alert(-1).message() == "alert -1");
    BOOST_TEST(tls_alert_category().name() == "equinix.sts.tls_alert");
}

BOOST_AUTO_TEST_CASE(a_code_of_another_copy_of_the_library_compares_equal) {
    static constexpr copied_category certificates(0xb7d0e1462c8a953f), alerts(0xe24f7b903ad6518d);
    BOOST_TEST((certificate(10) == boost::system::error_code(10, certificates)));
    BOOST_TEST((alert(40) == boost::system::error_code(40, alerts)));
    BOOST_TEST((certificate(40) != alert(40)));
    BOOST_TEST((certificate(1) != boost::system::error_code(1, error_category())));
    BOOST_TEST((certificate(1) != boost::system::error_code(1, resolver_category())));
}

BOOST_AUTO_TEST_CASE(a_code_whose_category_every_part_of_a_program_knows_stays_in_the_error) {
    for (auto const& code :
         {certificate(10), alert(116), make_error_code(boost::system::errc::no_such_process),
          boost::system::error_code(EAI_NONAME, resolver_category())}) {
        auto const info = base::failure(error_kind::tls, phase::tls, "text", code);
        BOOST_TEST((info.code == code));
        BOOST_TEST(info.message.starts_with("text"));
    }
    static constexpr copied_category strange(1);
    auto const other = base::failure(error_kind::tls, phase::tls, "text", {1, strange});
    BOOST_TEST((other.code == error_kind::tls));
    BOOST_TEST(other.message == "text: copy");
}

BOOST_AUTO_TEST_CASE(a_message_has_the_cause_once) {
    auto const text = [](error_kind kind, boost::system::error_code code) {
        return base::failure(kind, phase::tls, "text", code).to_string();
    };
    auto const denied = make_error_code(boost::system::errc::operation_not_permitted);
    BOOST_TEST(text(error_kind::network, denied) ==
               "network (tls): text: Operation not permitted [troubleshooting.md#network]");
    BOOST_TEST(text(error_kind::dns, {EAI_NONAME, resolver_category()}) ==
               "dns (tls): text: " + std::string(::gai_strerror(EAI_NONAME)) + " [troubleshooting.md#dns]");
    // The messages of these name it already.
    BOOST_TEST(text(error_kind::config, denied) == "config (tls): text [troubleshooting.md#config]");
    for (auto const& code : {certificate(10), alert(116)})
        BOOST_TEST(text(error_kind::tls, code) == "tls (tls): text [troubleshooting.md#tls]");
}

BOOST_AUTO_TEST_SUITE_END()
