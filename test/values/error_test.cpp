// Where an error's entry is: the page has one for each.
#include "base/failure.hpp"

#include <boost/test/unit_test.hpp>

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

} // namespace

BOOST_AUTO_TEST_SUITE(error)

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

BOOST_AUTO_TEST_CASE(a_text_ends_with_its_entry) {
    error_info info;
    info.kind = error_kind::tls;
    BOOST_TEST(info.to_string().ends_with(" [troubleshooting.md#tls]"));
}

BOOST_AUTO_TEST_CASE(each_way_to_make_one_gives_it_a_text_and_the_phase) {
    auto const code = make_error_code(boost::system::errc::no_such_process);
    for (int i = 0; i <= static_cast<int>(phase::backoff); ++i) {
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

BOOST_AUTO_TEST_SUITE_END()
