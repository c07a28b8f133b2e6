// The platform that a program runs on.
#include "suppliers/ambient.hpp"
#include "suppliers/asking.hpp"
#include "suppliers/variable.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"

#include <filesystem>
#include <list>
#include <string>

using namespace test;
using sts::suppliers_detail::choose_ambient;

namespace {

/// Neither variables nor files of the machine that the tests run on.
struct nowhere {
    nowhere() {
        for (auto const* const name :
             {"EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR", "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN",
              "ACTIONS_ID_TOKEN_REQUEST_URL", "GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI",
              "BITBUCKET_STEP_OIDC_TOKEN", "BITBUCKET_BUILD_NUMBER", "BUILDKITE", "SYSTEM_OIDCREQUESTURI",
              "TFC_WORKLOAD_IDENTITY_TOKEN", "AZURE_FEDERATED_TOKEN_FILE",
              "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
              "AWS_ACCESS_KEY_ID", "GCE_METADATA_HOST", "K_SERVICE", "CLOUD_RUN_JOB"})
            unset.emplace_back(name, "");
    }

    /// What is chosen, and why.
    std::string chosen(std::string const& audience = "sts") const {
        auto const one = choose_ambient(audience, root.path().string());
        return one.supplier->describe() + ": " + one.why;
    }
    void file(std::string const& path, std::string const& content) const {
        std::filesystem::create_directories(root.path() / std::filesystem::path(path).parent_path());
        root.file(path, content);
    }

    std::list<variable> unset;
    folder root;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(ambient_platform, nowhere)

BOOST_AUTO_TEST_CASE(is_shown_by_a_variable) {
    struct row {
        char const* variable;
        char const* expected;
    };
    for (auto const& one : {
             row{"EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN",
                 "environment variable 'EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN', or that named by "
                 "'EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR'"},
             row{"ACTIONS_ID_TOKEN_REQUEST_URL", "GitHub Actions"},
             row{"GITHUB_ACTIONS", "GitHub Actions"},
             row{"GITLAB_CI", "environment variable 'STS_ID_TOKEN'"},
             row{"CIRCLECI", "command 'circleci'"},
             row{"BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines"},
             row{"BUILDKITE", "command 'buildkite-agent'"},
             row{"SYSTEM_OIDCREQUESTURI", "Azure Pipelines"},
             row{"TFC_WORKLOAD_IDENTITY_TOKEN", "environment variable 'TFC_WORKLOAD_IDENTITY_TOKEN'"},
             row{"AZURE_FEDERATED_TOKEN_FILE", "file named by 'AZURE_FEDERATED_TOKEN_FILE'"},
             row{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS"},
             row{"AWS_ACCESS_KEY_ID", "AWS"},
             row{"K_SERVICE", "the metadata server of Google Cloud"},
         }) {
        variable const set(one.variable, "x");
        BOOST_TEST(chosen() == std::string(one.expected) + ": " + one.variable + " is set");
    }
}

BOOST_AUTO_TEST_CASE(is_shown_by_a_file) {
    file("sys/class/dmi/id/product_name", "Google Compute Engine\n");
    BOOST_TEST(chosen() ==
               "the metadata server of Google Cloud: /sys/class/dmi/id/product_name begins with Google");
    file("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    BOOST_TEST(chosen() == "AWS: /sys/class/dmi/id/sys_vendor begins with Amazon EC2");
    file("var/run/secrets/tokens/equinix-sts/is-no-file", "x"); // what cannot be read is not passed over
    BOOST_TEST(chosen() ==
               "file '/var/run/secrets/tokens/equinix-sts': /var/run/secrets/tokens/equinix-sts exists");
}

BOOST_AUTO_TEST_CASE(is_what_the_user_has_set_before_a_job_and_that_before_the_cloud_of_its_machine) {
    file("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
    variable const job("GITHUB_ACTIONS", "true");
    BOOST_TEST(chosen() == "GitHub Actions: GITHUB_ACTIONS is set");
    variable const mine("EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN", "x");
    BOOST_TEST(chosen().starts_with("environment variable 'EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN'"));
}

BOOST_AUTO_TEST_CASE(of_gitlab_has_a_variable_by_the_audience) {
    variable const job("GITLAB_CI", "true");
    BOOST_TEST(chosen("https://sts.test/a") ==
               "environment variable 'HTTPS___STS_TEST_A_ID_TOKEN': GITLAB_CI is set");
}

BOOST_AUTO_TEST_CASE(that_is_not_there_is_told_with_what_was_looked_for) {
    auto const message = refusal([&] { choose_ambient("sts", root.path().string()); });
    for (auto const* const part :
         {"no platform", "GITHUB_ACTIONS", "GITLAB_CI", "/var/run/secrets/tokens/equinix-sts",
          "AWS_ACCESS_KEY_ID", "/sys/class/dmi/id/product_name"})
        BOOST_TEST(contains(message, part));
    BOOST_TEST(contains(refusal([&] { choose_ambient("", root.path().string()); }), "audience"));
}

BOOST_AUTO_TEST_CASE(supplies_its_token_and_says_why_it_was_chosen) {
    variable const token("EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN", "a.b.c");
    auto const supplier = suppliers::ambient("sts");
    BOOST_TEST(token_of(supplier) == "a.b.c");
    BOOST_TEST(
        supplier->describe().ends_with(" (chosen because EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN is set)"));
}

BOOST_AUTO_TEST_SUITE_END()
