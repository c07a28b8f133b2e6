// The command sts-token: its options, its output and its exit codes are a contract.
#include "support/refused.hpp"
#include "tool/sts_token_fixture.hpp"

#include <equinix/sts/version.hpp>

#include <algorithm>
#include <string>

using namespace test;

BOOST_FIXTURE_TEST_SUITE(sts_token_command, sts_token_fixture)

BOOST_AUTO_TEST_CASE(H27_asks_by_an_assertion_and_for_an_audience) {
    auto const asked =
        usual + " --grant jwt-bearer --audience one --audience two --resource https://r.test/x";
    BOOST_TEST(sts_token(asked).exit_code == 0);
    auto const sent = mock.raw_requests().back();
    for (auto const* const part : {"grant-type%3Ajwt-bearer", "&assertion=", "&audience=one&audience=two",
                                   "&resource=https%3A%2F%2Fr.test%2Fx"})
        BOOST_TEST(contains(sent, part), part);
}

BOOST_AUTO_TEST_CASE(joins_repeated_scopes) {
    sts_token(server + " --scope a --scope=b:c " + subject);
    BOOST_TEST(mock.raw_requests().back().find("scope=a+b%3Ac&") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(makes_several_exchanges_over_one_pool_and_goes_on_after_a_failure) {
    mock.next(testing::mock_answer::error(400, "invalid_scope"));
    auto const result = sts_token(usual + " --count 5 --gap-ms 1 --max-attempts 1");
    BOOST_TEST(result.exit_code == code_of(error_kind::oauth));
    BOOST_TEST(std::count(result.output.begin(), result.output.end(), '\n') == 5);
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(mock.requests() == 5U);
    auto const parallel = sts_token(usual + " --count 40 --parallel 8 --output token");
    BOOST_TEST(parallel.exit_code == 0);
    BOOST_TEST(std::count(parallel.output.begin(), parallel.output.end(), '\n') == 40);
    BOOST_TEST(mock.connections() <= 9U);
}

BOOST_AUTO_TEST_CASE(exits_with_2_on_an_unknown_or_ill_formed_option) {
    for (std::string const arguments :
         {"--unknown", "--url", "--timeout-ms x", "--timeout-ms 1x", "--timeout-ms 0",
          "--attempt-timeout-ms 0", "--connect-timeout-ms -1", "--count 0", "--count -1", "--grant password",
          "--output xml", "--verbose=1", "--max-attempts 0", "stray", "--client-auth digest", "serve-mock",
          "serve-mock --port 70000 --dir /tmp", "--subject-token-file a --subject-token-env B",
          "--client-secret-file a"}) {
        auto const only_stdout = shell(std::string(STS_TOKEN) + " " + arguments + " 2>/dev/null");
        BOOST_TEST(only_stdout.exit_code == 2, arguments);
        BOOST_TEST(only_stdout.output == "", arguments);
        auto const told = sts_token(arguments).output;
        BOOST_TEST(contains(told, "sts-token: "), arguments);
        BOOST_TEST(!contains(told, "canary"), told);
    }
}

BOOST_AUTO_TEST_CASE(tells_its_version_and_its_options) {
    BOOST_TEST(sts_token("--version").output == "sts-token " EQUINIX_STS_VERSION "\n");
    auto const help = sts_token("--help");
    BOOST_TEST(help.exit_code == 0);
    BOOST_TEST(contains(help.output, "--subject-token-file"));
}

BOOST_AUTO_TEST_SUITE_END()
