// The forms in which sts-token prints a token for other programs: variables, curl and Kubernetes.
#include "support/refused.hpp"
#include "tool/sts_token_fixture.hpp"

#include <chrono>
#include <cstdio>
#include <string>

using namespace test;

namespace {

struct sts_token_form : sts_token_fixture {
    ran in_form(std::string const& form, std::string const& variables = "") const {
        return shell("env " + variables + " " STS_TOKEN " " + usual + " --output " + form + " 2>&1");
    }
    /// Whether a text is a token of the mock.
    bool is_token(std::string_view text) const { return mock.claims(text).has_value(); }

    /// Makes the next token this one.
    void give(std::string const& token) {
        mock.next(testing::mock_answer::with(200, R"({"access_token":")" + token +
                                                      R"(","token_type":"Bearer","issued_token_type":)"
                                                      R"("urn:ietf:params:oauth:token-type:access_token"})"));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sts_token_forms, sts_token_form)

BOOST_AUTO_TEST_CASE(a_variable_is_a_line_that_a_shell_takes_literally) {
    auto const usual_name = in_form("env");
    BOOST_TEST(usual_name.exit_code == 0);
    BOOST_REQUIRE(usual_name.output.starts_with("EQUINIX_API_TOKEN="));
    auto const other = in_form("env --token-env MINE_2");
    BOOST_REQUIRE(other.output.starts_with("MINE_2="));
    BOOST_TEST(is_token(other.output.substr(7, other.output.size() - 8)));
    auto const taken =
        shell("export $(" STS_TOKEN " " + usual + " --output env) && printenv EQUINIX_API_TOKEN");
    BOOST_TEST(is_token(taken.output.substr(0, taken.output.size() - 1)));
}

BOOST_AUTO_TEST_CASE(a_token_that_a_shell_would_not_take_literally_is_no_variable) {
    for (std::string const token : {"canary$HOME", "canary`id`", "canary;id", "canary'", "canary#"}) {
        give(token);
        auto const result = in_form("env");
        BOOST_TEST(result.exit_code == code_of(error_kind::config), result.output);
        BOOST_TEST(contains(result.output, "use --output token"), result.output);
        BOOST_TEST(!contains(result.output, "canary"), result.output);
    }
}

BOOST_AUTO_TEST_CASE(the_name_of_a_variable_is_checked) {
    for (std::string const name : {"''", "1A", "A-B", "A=B"})
        BOOST_TEST(in_form("env --token-env " + name).exit_code == 2, name);
    BOOST_TEST(in_form("token --token-env A").exit_code == 2);
}

BOOST_AUTO_TEST_CASE(curl_sends_the_header_of_its_configuration) {
    auto const config = in.file("curl", in_form("curl-config").output);
    shell("curl -s --cacert " + (in.path() / "ca.pem").string() + " --config " + config + " " + mock.url());
    auto const sent = mock.raw_requests().back();
    auto const begin = sent.find("Authorization: Bearer ");
    BOOST_REQUIRE(begin != std::string::npos);
    BOOST_TEST(is_token(sent.substr(begin + 22, sent.find("\r\n", begin) - begin - 22)));
}

BOOST_AUTO_TEST_CASE(curl_gets_a_token_with_quotes_and_backslashes_whole) {
    give(R"(a\"b\\c)"); // JSON's own escapes: a"b\c
    auto const config = in.file("curl", in_form("curl-config").output);
    shell("curl -s --cacert " + (in.path() / "ca.pem").string() + " --config " + config + " " + mock.url());
    BOOST_TEST(contains(mock.raw_requests().back(), "Authorization: Bearer a\"b\\c\r\n"));
}

BOOST_AUTO_TEST_CASE(curl_gets_the_proof_of_a_bound_token_too) {
    auto const result = in_form("curl-config --dpop --api 'GET https://api.example.com/'");
    BOOST_TEST(result.output.starts_with("header = \"Authorization: DPoP ey"), result.output);
    BOOST_TEST(contains(result.output, "\"\nheader = \"DPoP: ey"), result.output);
}

BOOST_AUTO_TEST_CASE(kubernetes_gets_a_credential_with_the_time_of_its_end) {
    auto const result = in_form("exec-credential");
    BOOST_TEST(result.exit_code == 0, result.output);
    auto const got = line(result);
    BOOST_TEST(got.at("kind").as_string() == "ExecCredential");
    BOOST_TEST(got.at("apiVersion").as_string() == "client.authentication.k8s.io/v1");
    auto const& status = got.at("status").as_object();
    BOOST_TEST(is_token(std::string(status.at("token").as_string())));
    // RFC 3339, an hour from now.
    std::string const ends(status.at("expirationTimestamp").as_string());
    auto const read = shell("echo $(($(date -d " + ends + " +%s) - $(date +%s)))");
    auto const left = std::stoi(read.output);
    BOOST_TEST(left > 3500);
    BOOST_TEST(left <= 3600);
}

BOOST_AUTO_TEST_CASE(kubernetes_gets_the_version_that_it_asks_for) {
    auto const asking_for = [&](std::string const& version) {
        return in_form("exec-credential",
                       "KUBERNETES_EXEC_INFO='{\"kind\":\"ExecCredential\",\"apiVersion\":\"" + version +
                           "\",\"spec\":{\"interactive\":false}}'");
    };
    auto const older = asking_for("client.authentication.k8s.io/v1beta1");
    BOOST_TEST(line(older).at("apiVersion").as_string() == "client.authentication.k8s.io/v1beta1");
    auto const unknown = asking_for("client.authentication.k8s.io/v9");
    BOOST_TEST(unknown.exit_code == code_of(error_kind::config));
    BOOST_TEST(contains(unknown.output, "KUBERNETES_EXEC_INFO"), unknown.output);
    BOOST_TEST(in_form("exec-credential", "KUBERNETES_EXEC_INFO=x").exit_code == code_of(error_kind::config));
}

BOOST_AUTO_TEST_CASE(a_token_without_a_known_lifetime_is_a_credential_without_an_end) {
    give("abc");
    auto const got = line(in_form("exec-credential"));
    BOOST_TEST(!got.at("status").as_object().contains("expirationTimestamp"));
}

BOOST_AUTO_TEST_CASE(kubernetes_gets_no_bound_token) {
    auto const result = in_form("exec-credential --dpop 2>&1");
    BOOST_TEST(result.exit_code == code_of(error_kind::config));
    BOOST_TEST(contains(result.output, "omit --dpop"), result.output);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(sts_token_exit_codes, sts_token_fixture)

BOOST_AUTO_TEST_CASE(tell_the_kind_of_the_error) {
    mock.next(testing::mock_answer::error(400, "invalid_scope"));
    BOOST_TEST(sts_token(usual).exit_code == 25);
    mock.next(testing::mock_answer::with(200, "{}"));
    BOOST_TEST(sts_token(usual).exit_code == 26);
    BOOST_TEST(
        sts_token(subject + " --scope s --url https://localhost:1/use/token --max-attempts 1").exit_code ==
        13);
    BOOST_TEST(sts_token(subject + " --url http://localhost/").exit_code == 11);
}

BOOST_AUTO_TEST_CASE(are_one_for_failures_of_several_kinds) {
    mock.next(testing::mock_answer::error(400, "invalid_scope"));
    mock.next(testing::mock_answer::with(200, "{}"));
    BOOST_TEST(sts_token(usual + " --count 3").exit_code == 1);
}

BOOST_AUTO_TEST_CASE(are_in_the_manual_page) {
    std::ostringstream all;
    all << std::ifstream(SOURCE_FOLDER "/doc/sts-token.1").rdbuf();
    for (unsigned number = 1; number <= equinix::sts::error_kinds; ++number) {
        auto const kind = static_cast<error_kind>(number);
        auto const row =
            ".It " + std::to_string(code_of(kind)) + " Li " + std::string(to_string(kind)) + "\n";
        BOOST_TEST(contains(all.str(), row), row);
    }
}

BOOST_AUTO_TEST_SUITE_END()
