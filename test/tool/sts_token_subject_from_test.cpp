// The option --subject-from of the command sts-token.
#include "support/http_server.hpp"
#include "support/refused.hpp"
#include "tool/sts_token_fixture.hpp"

#include <string>

using namespace test;

namespace {

struct on_a_platform : sts_token_fixture {
    http_server platform;

    ran by(std::string const& options, std::string const& variables = "") const {
        return shell("env -u EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN " + variables + " " STS_TOKEN " " + server +
                     " --scope s --output token --subject-from " + options + " 2>&1");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sts_token_subject_from, on_a_platform)

BOOST_AUTO_TEST_CASE(asks_a_platform_over_http) {
    platform.next(http_answer(200, mock.id_token()));
    auto const at = " GCE_METADATA_HOST=127.0.0.1:" + std::to_string(platform.port());
    auto const result = by("gcp --subject-audience equinix", at);
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(platform.requests().at(0).starts_with(
        "GET /computeMetadata/v1/instance/service-accounts/default/identity?audience=equinix&format=full "));
}

BOOST_AUTO_TEST_CASE(reads_what_is_named_behind_a_colon) {
    BOOST_TEST(by("gitlab:STS_ID_TOKEN", "STS_ID_TOKEN=" + mock.id_token()).exit_code == 0);
    BOOST_TEST(by("kubernetes:" + in.file("projected", mock.id_token())).exit_code == 0);
    platform.next(http_answer(200, R"({"data":{"token":")" + mock.id_token() + "\"}}", "application/json"));
    BOOST_TEST(by("vault:my-role", "VAULT_TOKEN=t VAULT_ADDR=" + platform.url("")).exit_code == 0);
    BOOST_TEST(platform.requests().at(0).starts_with("GET /v1/identity/oidc/token/my-role "));
}

BOOST_AUTO_TEST_CASE(recognises_the_platform_and_says_by_what) {
    auto const result =
        by("ambient --subject-audience equinix --verbose",
           "-u ACTIONS_ID_TOKEN_REQUEST_URL -u GITHUB_ACTIONS GITLAB_CI=true EQUINIX_ID_TOKEN=" +
               mock.id_token());
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(contains(result.output,
                        "[redacted, from environment variable 'EQUINIX_ID_TOKEN' (chosen because "
                        "GITLAB_CI is set)]"),
               result.output);
}

BOOST_AUTO_TEST_CASE(fails_with_the_platforms_reason) {
    platform.next(http_answer(403, ""));
    auto const result = by("vault:my-role", "VAULT_TOKEN=t VAULT_ADDR=" + platform.url(""));
    BOOST_TEST(result.exit_code == code_of(error_kind::http));
    BOOST_TEST(contains(result.output, "Vault: "), result.output);
}

BOOST_AUTO_TEST_CASE(refuses_what_a_platform_does_not_take) {
    auto const message = [&](std::string const& options) {
        auto const result = by(options);
        BOOST_TEST(result.exit_code == 2, options);
        return result.output;
    };
    BOOST_TEST(contains(message("mars"), "--subject-from needs one of ambient, aws, azure,"));
    BOOST_TEST(contains(message("github"), "--subject-from github needs --subject-audience"));
    BOOST_TEST(contains(message("bitbucket --subject-audience a"), "platform's own configuration"));
    BOOST_TEST(contains(message("vault"), "--subject-from vault needs the role"));
    BOOST_TEST(contains(message("aws:x --subject-audience a"), "takes no value after a colon"));
    BOOST_TEST(contains(message("bitbucket " + subject), "exclude each other"));
    auto const alone = sts_token(usual + " --subject-audience a");
    BOOST_TEST(alone.exit_code == 2);
    BOOST_TEST(contains(alone.output, "--subject-audience needs --subject-from"), alone.output);
}

BOOST_AUTO_TEST_SUITE_END()
