// The errors of the command sts-token, which are lines of JSON.
#include "support/refused.hpp"
#include "tool/sts_token_fixture.hpp"

#include <string>

using namespace test;

BOOST_FIXTURE_TEST_SUITE(sts_token_command, sts_token_fixture)

BOOST_AUTO_TEST_CASE(prints_the_services_refusal) {
    auto const wrong = in.file("wrong", mock.id_token(testing::id_token_claims().audience("other")));
    auto const result = sts_token(server + " --scope s --subject-token-file " + wrong);
    BOOST_TEST(result.exit_code == code_of(error_kind::oauth));
    auto const error = line(result).at("error").as_object();
    BOOST_TEST(error.at("kind").as_string() == "oauth");
    BOOST_TEST(error.at("oauth_error").as_string() == "invalid_request");
    BOOST_TEST(error.at("http_status").as_int64() == 400);
    BOOST_TEST(error.at("attempts").as_int64() == 1);
}

BOOST_AUTO_TEST_CASE(tells_of_earlier_attempts_and_whether_the_request_was_sent) {
    mock.next(testing::mock_answer::error(503, ""));
    mock.next(testing::mock_answer::error(403, "access_denied"));
    auto error = line(sts_token(usual)).at("error").as_object();
    BOOST_TEST(error.at("attempts").as_int64() == 2);
    BOOST_TEST(error.at("request_sent").as_bool());
    auto const& earlier = error.at("earlier").as_array();
    BOOST_REQUIRE(earlier.size() == 1U);
    BOOST_TEST(earlier[0].at("kind").as_string() == "unavailable");
    BOOST_TEST(earlier[0].at("http_status").as_int64() == 503);
    BOOST_TEST(earlier[0].at("elapsed_ms").as_int64() >= 0);
    error = line(sts_token("--url https://127.0.0.1:1/ --max-attempts 1 --scope s " + subject))
                .at("error")
                .as_object();
    BOOST_TEST(!error.at("request_sent").as_bool());
    BOOST_TEST(!error.contains("earlier"));
}

BOOST_AUTO_TEST_CASE(L25_an_error_has_the_option_as_the_command_names_it) {
    auto const option = [&](std::string const& arguments) {
        return std::string(line(sts_token(arguments)).at("error").as_object().at("option").as_string());
    };
    BOOST_TEST(option("--url " + mock.url() + " --ca-file /nonexistent/ca --scope s --subject-token-file " +
                      in.file("any", "token")) == "--ca-file");
    BOOST_TEST(option(server + " --scope s --subject-token-file /nonexistent/token") ==
               "--subject-token-file");
    BOOST_TEST(option(server + " --scope s --subject-token-env NOT_SET_AT_ALL") == "--subject-token-env");
}

BOOST_AUTO_TEST_CASE(B29_an_error_has_the_code_of_its_cause) {
    testing::mock_sts const other;
    auto const result =
        sts_token("--url " + mock.url() + " --ca-file " + in.file("other.pem", other.ca_pem()) +
                  " --scope s --subject-token-file " + in.file("any", "token"));
    auto const error = line(result).at("error").as_object();
    BOOST_TEST(error.at("kind").as_string() == "tls");
    BOOST_TEST(error.at("code").at("category").as_string() == "equinix.sts.certificate");
    BOOST_TEST(error.at("code").at("value").as_int64() > 0);
    BOOST_TEST(!error.contains("option"));
}

BOOST_AUTO_TEST_CASE(H25_tells_the_code_of_an_error_object) {
    mock.next(testing::mock_answer::with(403, R"({"error":{"errorCode":"EQ-1","errorMessage":"no"}})"));
    auto const error = line(sts_token(usual)).at("error").as_object();
    BOOST_TEST(error.at("kind").as_string() == "http");
    BOOST_TEST(error.at("service_code").as_string() == "EQ-1");
    BOOST_TEST(error.at("service_message").as_string() == "no");
}

BOOST_AUTO_TEST_CASE(L9_tells_that_openssl_cannot_be_used) {
    auto const broken = "env OPENSSL_CONF=" +
                        in.file("openssl.cnf", "openssl_conf = all\n[all]\nproviders = those\n[those]\n"
                                               "legacy = this\n[this]\nactivate = 1\n") +
                        " " STS_TOKEN " ";
    auto const result = shell(broken + usual);
    BOOST_TEST(result.exit_code == code_of(error_kind::config));
    BOOST_TEST(kind(result) == "config");
    BOOST_TEST(contains(result.output, "OPENSSL_CONF"), result.output);
    BOOST_TEST(contains(shell(broken + "doctor " + usual).output, "BAD   options"));
    auto const mock_too = shell(broken + "serve-mock --dir " + (in.path() / "mock").string() + " 2>&1");
    BOOST_TEST(contains(mock_too.output, "OpenSSL cannot"), mock_too.output);
}

BOOST_AUTO_TEST_CASE(reports_what_cannot_work_before_any_connection_as_a_line) {
    auto const to_server = server + " --scope s ";
    auto const file = [&](char const* name, std::string const& content) { return in.file(name, content); };
    struct {
        std::string arguments, told;
    } const bad[] = {
        {"", "--subject-token-file"},
        {to_server, "--subject-token-file"},
        {subject + " --url http://localhost/use/token", "--url is not https"},
        {subject + " --url https://user:canary@localhost/", "--url has user info"},
        {subject + " --url ''", "--url is malformed"},
        {subject + " --ca-file /nonexistent", "--ca-file: cannot read '/nonexistent'"},
        {subject + " --ca-file " + file("garbage", "canary"), "garbage"},
        {subject + " --ca-file " + file("nothing", ""), "nothing"},
        {usual + " --scope ''", "scope is empty"},
        {usual + " --scope 'a\"b'", "scope"},
        {usual + " --scope " + std::string(9000, 'x'), "8 KiB"},
        {to_server + "--subject-token-file /nonexistent", "/nonexistent"},
        {to_server + "--subject-token-file " + in.path().string(), in.path().string()},
        {to_server + "--subject-token-file " + file("empty", "\n"), "empty"},
        {to_server + "--subject-token-file " + file("lines", "can\nary\n"), "lines"},
        {to_server + "--subject-token-file " + file("blank", "cana ry"), "contains a space"},
        {to_server + "--subject-token-file " + file("large", std::string(1 << 20, 'c')), "large"},
        {to_server + "--subject-token-env eyJ.canary.x", "unset"},
        {usual + " --bearer-file " + file("bearer2", "can ary"), "bearer2"},
        {usual + " --client-id x --client-secret-file " + file("secret2", "can\nary"), "secret2"},
        {usual + " --client-id \"$(printf 'a\\001b')\" ", "client_id"},
    };
    for (auto const& [arguments, told] : bad) {
        auto const result = sts_token(arguments);
        BOOST_TEST(result.exit_code == code_of(error_kind::config), arguments.substr(0, 200));
        BOOST_TEST(kind(result) == "config", arguments.substr(0, 200));
        BOOST_TEST(contains(result.output, told), result.output);
        BOOST_TEST(!contains(result.output, "canary"), result.output);
    }
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
