// Tokens that GitLab, CircleCI, Bitbucket and Buildkite give to their jobs.
#include "suppliers/asking.hpp"
#include "suppliers/variable.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace test;
using sts::error_kind;

namespace {

/// The platform's programs are found before all others.
struct agent {
    folder place;
    variable path{"PATH", place.path().string() + ":" + std::getenv("PATH")};

    void program(std::string const& name, std::string const& script) const {
        auto const file = place.file(name, "#!/bin/sh\n" + script);
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    }
};

sts::error_info failure_of(suppliers::supplier_ptr const& supplier) {
    asio::io_context context;
    return asked(context, supplier).failure();
}

} // namespace

BOOST_AUTO_TEST_SUITE(variables_of_jobs)

BOOST_AUTO_TEST_CASE(of_gitlab_are_named_by_the_job) {
    variable const token("MY_ID_TOKEN", "a.b.c");
    BOOST_TEST(token_of(suppliers::gitlab("MY_ID_TOKEN")) == "a.b.c");
    BOOST_TEST(failure_of(suppliers::gitlab("OTHER_ID_TOKEN")).option == "OTHER_ID_TOKEN");
}

BOOST_AUTO_TEST_CASE(of_circleci_are_the_second_version_if_it_is_there) {
    variable second("CIRCLE_OIDC_TOKEN_V2", "");
    variable const first("CIRCLE_OIDC_TOKEN", "first");
    auto const supplier = suppliers::circleci();
    BOOST_TEST(token_of(supplier) == "first");
    second.set("second");
    BOOST_TEST(token_of(supplier) == "second");
    BOOST_TEST(supplier->describe() == "CircleCI");
}

BOOST_AUTO_TEST_CASE(of_circleci_and_bitbucket_that_are_missing_are_named) {
    variable const no_first("CIRCLE_OIDC_TOKEN", ""), no_second("CIRCLE_OIDC_TOKEN_V2", "");
    variable const no_step("BITBUCKET_STEP_OIDC_TOKEN", "");
    auto info = failure_of(suppliers::circleci());
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.option == "CIRCLE_OIDC_TOKEN");
    info = failure_of(suppliers::bitbucket());
    BOOST_TEST(info.option == "BITBUCKET_STEP_OIDC_TOKEN");
    BOOST_TEST(contains(info.message, "oidc: true"));
}

BOOST_AUTO_TEST_CASE(of_bitbucket_are_those_of_the_step) {
    variable token("BITBUCKET_STEP_OIDC_TOKEN", "of-the-step");
    BOOST_TEST(token_of(suppliers::bitbucket()) == "of-the-step");
    token.set("two canaries");
    auto const info = failure_of(suppliers::bitbucket());
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(!contains(info.to_string(), "canaries"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(commands_of_platforms, agent)

BOOST_AUTO_TEST_CASE(of_circleci_get_the_audience_as_a_claim) {
    program("circleci", R"([ "$*" = 'run oidc get --claims {"aud":"my \"sts\""}' ] && echo for-my-audience)");
    BOOST_TEST(token_of(suppliers::circleci("my \"sts\"")) == "for-my-audience");
}

BOOST_AUTO_TEST_CASE(of_buildkite_get_the_audience) {
    program("buildkite-agent", R"([ "$*" = "oidc request-token --audience sts" ] && echo a.b.c)");
    BOOST_TEST(token_of(suppliers::buildkite("sts")) == "a.b.c");
}

BOOST_AUTO_TEST_CASE(that_fail_are_named) {
    program("buildkite-agent", "echo canary; exit 3");
    auto const info = failure_of(suppliers::buildkite("sts"));
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "command 'buildkite-agent' failed with exit code 3"));
    BOOST_TEST(!contains(info.to_string(), "canary"));
}

BOOST_AUTO_TEST_CASE(need_an_audience) {
    BOOST_TEST(contains(refusal([] { suppliers::circleci(""); }), "audience"));
    BOOST_TEST(contains(refusal([] { suppliers::buildkite(""); }), "audience"));
}

BOOST_AUTO_TEST_SUITE_END()
