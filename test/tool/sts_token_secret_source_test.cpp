// Where the command sts-token has its secrets from: files, variables and commands.
#include "support/refused.hpp"
#include "tool/sts_token_fixture.hpp"

#include <sys/stat.h>

#include <string>
#include <vector>

using namespace test;

BOOST_FIXTURE_TEST_SUITE(sts_token_command, sts_token_fixture)

BOOST_AUTO_TEST_CASE(takes_the_subject_token_from_the_environment) {
    auto const result = shell("TOKEN='" + mock.id_token() + "' " STS_TOKEN " " + server +
                              " --scope s --subject-token-env TOKEN --output token 2>&1");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(kind(sts_token(server + " --scope s --subject-token-env NOT_SET_AT_ALL")) == "config");
}

BOOST_AUTO_TEST_CASE(takes_the_subject_token_from_a_command_without_a_shell) {
    auto const file = in.file("a token", mock.id_token() + "\n");
    auto const by = [&](std::string const& command) {
        return sts_token(server + " --scope s --output token --subject-token-command " + command);
    };
    BOOST_TEST(by("'cat \"" + file + "\"'").exit_code == 0);
    BOOST_TEST(by("'cat " + (in.path() / "a").string() + "\\ token'").exit_code == 0);
    BOOST_TEST(kind(sts_token(server + " --scope s --subject-token-command 'cat nowhere; cat " + file +
                              "'")) == "config");
    BOOST_TEST(by("'cat \"open'").exit_code == 2);
    BOOST_TEST(by("' '").exit_code == 2);
    BOOST_TEST(by("cat --subject-token-file " + file).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(H28_reads_a_files_secret_as_the_suppliers_do) {
    auto const token = mock.id_token();
    auto const by = [&](std::string const& content) {
        return sts_token(server + " --scope s --subject-token-file " + in.file("odd", content));
    };
    for (auto const& content : {"\n\n" + token, "  " + token + " \r\n\r\n", token + "\t"})
        BOOST_TEST(by(content).exit_code == 0);
    auto const marked = by("\xEF\xBB\xBF" + token);
    BOOST_TEST(contains(marked.output, "byte order mark"), marked.output);
    auto const variable = shell("env TOKEN=' " + token + "' " STS_TOKEN " " + server +
                                " --scope s --subject-token-env TOKEN 2>&1");
    BOOST_TEST(variable.exit_code == 0, variable.output);
}

BOOST_AUTO_TEST_CASE(H29_gives_up_on_a_pipe_that_is_silent) {
    auto const pipe = (in.path() / "fifo").string();
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (auto const* const option : {"--subject-token-file", "--bearer-file"}) {
        auto const result = sts_token(server + " --scope s --timeout-ms 50 " + std::string(option) + " " +
                                      pipe + (option == std::string("--bearer-file") ? " " + subject : ""));
        BOOST_TEST(result.exit_code == code_of(error_kind::config));
        BOOST_TEST(kind(result) == "config");
        BOOST_TEST(contains(result.output, option), result.output);
    }
    auto const written = shell("bash -c '" STS_TOKEN " " + server +
                               " --scope s --subject-token-file <(echo " + mock.id_token() + ")'");
    BOOST_TEST(written.exit_code == 0, written.output);
}

BOOST_AUTO_TEST_CASE(authenticates_the_client_from_files) {
    auto const secret = in.file("secret", testing::mock_options().client_secret + "\r\n");
    auto const asked = server +
                       " --grant client-credentials --scope s --client-id mock-client --client-secret-file " +
                       secret + " --output token";
    BOOST_TEST(sts_token(asked).exit_code == 0);
    BOOST_TEST(mock.raw_requests().back().find("\r\nAuthorization: Basic ") != std::string::npos);
    BOOST_TEST(sts_token(asked + " --client-auth basic").exit_code == 0);
    BOOST_TEST(mock.raw_requests().back().find("\r\nAuthorization: Basic ") != std::string::npos);
    BOOST_TEST(sts_token(asked + " --client-auth post").exit_code == 0);
    BOOST_TEST(mock.raw_requests().back().find("client_secret=mock-secret") != std::string::npos);
    sts_token(usual + " --bearer-file " + in.file("bearer", "abc\n"));
    BOOST_TEST(mock.raw_requests().back().find("\r\nAuthorization: Bearer abc\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(K3_repeats_no_secret_that_was_put_in_the_place_of_a_path_or_a_name) {
    std::vector<std::string> const canaries = {"canary/Value+1=", "canaryOpaque1", "/" + mock.id_token()};
    for (auto const* option : {"--subject-token-file", "--bearer-file", "--client-id i --client-secret-file",
                               "--subject-token-env", "--subject-token-command"})
        for (std::string const& canary : canaries) {
            bool const quoted = std::string(option).ends_with("command"); // its first word is a program
            if (quoted && canary.front() != '/') continue;
            auto const result =
                sts_token(server + " --scope s --grant client-credentials " + option + " '" + canary + "'");
            BOOST_TEST(result.exit_code == code_of(error_kind::config), result.output);
            BOOST_TEST(!contains(result.output, canary), option);
        }
    BOOST_TEST(
        contains(sts_token(server + " --scope s --subject-token-file ./nowhere").output, "'./nowhere'"));
}

BOOST_AUTO_TEST_SUITE_END()
