// What the command sts-token takes from the environment, and what it does not.
#include "support/refused.hpp"
#include "tool/sts_token_fixture.hpp"

#include <string>

using namespace test;

BOOST_FIXTURE_TEST_SUITE(sts_token_command, sts_token_fixture)

BOOST_AUTO_TEST_CASE(judges_no_variable_whose_option_is_given) {
    auto const run = [&](std::string const& variables, std::string const& options) {
        return shell("env " + variables + " " STS_TOKEN " " + options + " 2>&1");
    };
    BOOST_TEST(run("EQUINIX_STS_ENDPOINT=http://x", usual).exit_code == 0);
    BOOST_TEST(run("EQUINIX_API_TIMEOUT=abc", usual + " --timeout-ms 30000").exit_code == 0);
    auto const refused = run("EQUINIX_STS_ENDPOINT=http://x", "--scope s " + subject);
    BOOST_TEST(contains(refused.output, "EQUINIX_STS_ENDPOINT: endpoint URL is not https"), refused.output);
    auto const by_client = server + " --scope s --grant client-credentials";
    BOOST_TEST(
        run("EQUINIX_STS_CLIENT_SECRET=mock-secret", by_client + " --client-id mock-client").exit_code == 0);
    // As exchange_request::from_environment() chooses.
    auto const both = std::string("EQUINIX_STS_CLIENT_ID=mock-client EQUINIX_STS_CLIENT_SECRET=mock-secret ");
    BOOST_TEST(run(both, server + " --scope s").exit_code == 0);
    BOOST_TEST(run(both + "EQUINIX_TOKEN_EXCHANGE_SCOPE=s", server).exit_code == code_of(error_kind::config));
    auto const alone = run("EQUINIX_STS_CLIENT_SECRET=mock-secret", by_client);
    BOOST_TEST(contains(alone.output, "EQUINIX_STS_CLIENT_SECRET needs EQUINIX_STS_CLIENT_ID"), alone.output);
}

BOOST_AUTO_TEST_CASE(takes_from_the_environment_what_no_option_says) {
    auto const ca = " --ca-file " + in.file("ca.pem", mock.ca_pem());
    auto const base = mock.url().substr(0, mock.url().find("/use/token"));
    auto const run = [&](std::string const& variables, std::string const& options = "") {
        return shell("env " + variables + " " STS_TOKEN + ca + " --output token " + options + " 2>&1");
    };
    auto const where = "EQUINIX_STS_ENDPOINT=" + base + " EQUINIX_TOKEN_EXCHANGE_SCOPE=roleassignments:7 ";
    BOOST_TEST(run(where + "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN=" + mock.id_token()).exit_code == 0);
    BOOST_TEST(contains(mock.raw_requests().back(), "scope=roleassignments%3A7"));
    auto const named = "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR=MINE MINE=" + mock.id_token();
    BOOST_TEST(run(where + named).exit_code == 0);
    BOOST_TEST(run("EQUINIX_STS_ENDPOINT=" + mock.url() + " " + named, "--scope s").exit_code == 0);
    BOOST_TEST(contains(mock.raw_requests().back(), "scope=s&"));
    BOOST_TEST(run(where + "EQUINIX_STS_CLIENT_ID=mock-client EQUINIX_STS_CLIENT_SECRET=mock-secret",
                   "--grant client-credentials")
                   .exit_code == 0);
    BOOST_TEST(run(where + "EQUINIX_API_TIMEOUT=soon " + named).exit_code == code_of(error_kind::config));
}

BOOST_AUTO_TEST_CASE(K7_sends_no_credentials_of_another_service) {
    auto const base = mock.url().substr(0, mock.url().find("/use/token"));
    auto const foreign = "env EQUINIX_API_CLIENTID=mock-client EQUINIX_API_CLIENTSECRET=mock-secret "
                         "EQUINIX_STS_ENDPOINT=" +
                         base + " " STS_TOKEN " ";
    auto const alone = shell(foreign + "--ca-file " + in.file("ca.pem", mock.ca_pem()));
    BOOST_TEST(alone.exit_code == code_of(error_kind::config));
    BOOST_TEST(kind(alone) == "config");
    BOOST_TEST(contains(alone.output, "EQUINIX_STS_CLIENT_SECRET"), alone.output);
    BOOST_TEST(
        shell(foreign + "--grant client-credentials --scope s --ca-file " + in.file("ca.pem", mock.ca_pem()))
            .exit_code == code_of(error_kind::config));
    BOOST_TEST(!contains(mock.raw_requests().empty() ? "" : mock.raw_requests().back(), "mock-client"));
    auto const before = mock.requests();
    BOOST_TEST(shell(foreign + usual).exit_code == 0); // beside a subject token they are ignored
    BOOST_TEST(mock.requests() == before + 1);
    BOOST_TEST(!contains(mock.raw_requests().back(), "mock-client"));
    BOOST_TEST(!contains(mock.raw_requests().back(), "Authorization"));
}

BOOST_AUTO_TEST_SUITE_END()
