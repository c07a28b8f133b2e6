// Where an error's entry is: the page has one for each.
#include "base/failure.hpp"

#include <boost/test/unit_test.hpp>

#include <netdb.h>
#include <openssl/x509_vfy.h>

#include <fstream>
#include <set>
#include <string>

using namespace equinix::sts;

namespace {

/// The anchors of the page's headings, as GitHub makes them of lower-case words.
std::set<std::string> anchors() {
    std::ifstream page(SOURCE_FOLDER "/doc/troubleshooting.md");
    std::set<std::string> all;
    for (std::string line; std::getline(page, line);)
        if (line.starts_with("### ")) all.insert(line.substr(4));
    return all;
}

std::string entry_of(error_info const& info) {
    return info.help().substr(info.help().find('#') + 1);
}

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

BOOST_AUTO_TEST_CASE(a_failure_of_the_token_store_has_its_own_entry) {
    error_info info;
    info.phase = phase::store;
    for (auto const kind :
         {error_kind::config, error_kind::connect, error_kind::timeout, error_kind::protocol}) {
        info.kind = kind;
        BOOST_TEST(entry_of(info) == "token-store");
    }
    info.kind = error_kind::unavailable;
    info.retry_after = std::chrono::seconds(1); // it is the service that asks to wait
    BOOST_TEST(entry_of(info) == "unavailable");
}

BOOST_AUTO_TEST_CASE(each_kind_has_an_entry_of_its_own) {
    auto const there = anchors();
    std::set<std::string> used;
    for (unsigned i = 1; i <= error_kinds; ++i) {
        error_info info;
        info.kind = static_cast<error_kind>(i);
        BOOST_TEST(there.contains(entry_of(info)), entry_of(info));
        used.insert(entry_of(info));
    }
    BOOST_TEST(used.size() == error_kinds);
}

BOOST_AUTO_TEST_CASE(each_oauth_error_of_the_standards_has_an_entry_of_its_own) {
    auto const there = anchors();
    for (auto const* const name :
         {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
          "unsupported_grant_type", "invalid_scope", "invalid_target"}) {
        error_info info;
        info.kind = error_kind::oauth;
        info.oauth_error = name;
        BOOST_TEST(entry_of(info) == name);
        BOOST_TEST(there.contains(name), name);
    }
}

BOOST_AUTO_TEST_CASE(another_oauth_error_has_that_of_its_kind) {
    error_info info;
    info.kind = error_kind::oauth;
    info.oauth_error = "[x](javascript:)";
    BOOST_TEST(entry_of(info) == "oauth");
}

BOOST_AUTO_TEST_CASE(H30_tells_what_is_the_subject_tokens_fault_from_what_is_not) {
    auto const refused = [](std::string_view name, unsigned status, phase where = phase::oauth) {
        error_info info;
        info.kind = error_kind::oauth;
        info.phase = where;
        info.oauth_error = name;
        info.http_status = status;
        return info.subject_refused();
    };
    for (auto const* const name : {"invalid_grant", "invalid_request", "invalid_token"}) {
        BOOST_TEST(refused(name, 400), name);
        BOOST_TEST(!refused(name, 503), name);                  // retryable
        BOOST_TEST(!refused(name, 400, phase::supplier), name); // said by another service
    }
    for (auto const* const name : {"invalid_scope", "invalid_client", "unauthorized_client", "invalid_target",
                                   "unsupported_grant_type", "access_denied", ""})
        BOOST_TEST(!refused(name, 400), name);
    BOOST_TEST(refused("", 0, phase::supplier)); // the service has refused it before
    error_info other;
    other.kind = error_kind::config;
    BOOST_TEST(!other.subject_refused());
    other.subject_expired = true;
    BOOST_TEST(other.subject_refused());
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

BOOST_AUTO_TEST_CASE(a_text_ends_with_its_entry) {
    error_info info;
    info.kind = error_kind::tls;
    BOOST_TEST(info.to_string().ends_with(" [troubleshooting.md#tls]"));
}

BOOST_AUTO_TEST_CASE(each_way_to_make_one_gives_it_a_text_and_the_phase) {
    auto const code = make_error_code(boost::system::errc::no_such_process);
    for (int i = 0; i <= static_cast<int>(phase::store); ++i) {
        auto const where = static_cast<phase>(i);
        auto const told = base::failure(error_kind::network, where, "text", code);
        for (auto const& made : {told, base::copy_of(told), base::error_of(result<int>(told)),
                                 base::deadline_is_over(where), base::without_memory(where)}) {
            BOOST_TEST(!made.message.empty());
            BOOST_TEST((made.phase == where));
            BOOST_TEST(made.code.failed());
        }
    }
}

BOOST_AUTO_TEST_CASE(of_many_earlier_attempts_the_text_has_the_first_and_the_last) {
    error_info info;
    info.kind = error_kind::connect;
    info.attempts = 21;
    for (int i = 0; i < 20; ++i)
        info.earlier.push_back({error_kind::connect, phase::connect, {}, 0, std::chrono::seconds(i)});
    auto const text = info.to_string();
    BOOST_TEST(text.find("connect (connect) at 3000 ms, 12 more, connect (connect) at 16000 ms") !=
               std::string::npos);
    BOOST_TEST(text.find("at 19000 ms") != std::string::npos);
    BOOST_TEST(text.find("at 4000 ms") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
