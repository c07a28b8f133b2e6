// Where an error's entry is: the page has one for each.
#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
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

BOOST_AUTO_TEST_CASE(a_failure_of_the_token_store_has_its_own_entry) {
    error_info info;
    info.phase = phase::store;
    for (auto const kind :
         {error_kind::config, error_kind::connect, error_kind::timeout, error_kind::protocol}) {
        info.kind = kind;
        BOOST_TEST(entry_of(info) == "token-store");
    }
    error_info of_options;
    of_options.kind = error_kind::config;
    of_options.option = "store_options::keys";
    BOOST_TEST(entry_of(of_options) == "token-store");
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

BOOST_AUTO_TEST_CASE(a_text_ends_with_its_entry) {
    error_info info;
    info.kind = error_kind::tls;
    BOOST_TEST(info.to_string().ends_with(" [troubleshooting.md#tls]"));
}

BOOST_AUTO_TEST_SUITE_END()
