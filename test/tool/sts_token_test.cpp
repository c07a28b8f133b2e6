// The command sts-token: its options, its output and its exit codes are a contract.
#include "support/process.hpp"
#include "support/refused.hpp"

#include <equinix/sts/keys.hpp>
#include <equinix/sts/testing/mock_sts.hpp>
#include <equinix/sts/testing/proof_verifier.hpp>
#include <equinix/sts/version.hpp>

#include <boost/json/parse.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>

using namespace test;
namespace json = boost::json;
namespace testing = equinix::sts::testing;

namespace {

ran sts_token(std::string const& arguments) {
    return shell(std::string(STS_TOKEN) + " " + arguments + " 2>&1");
}

json::object line(ran const& result) {
    boost::system::error_code ec;
    auto const value = json::parse(result.output, ec);
    BOOST_REQUIRE_MESSAGE(!ec && value.is_object(), result.output);
    return value.as_object();
}

struct fixture {
    testing::mock_sts mock;
    folder in;
    std::string server = "--url " + mock.url() + " --ca-file " + in.file("ca.pem", mock.ca_pem());
    std::string subject = "--subject-token-file " + in.file("id_token", mock.id_token() + "\n");
    std::string usual = server + " --scope roleassignments:1 " + subject;

    std::string kind(ran const& result) const {
        auto const found = line(result);
        return std::string(found.at("error").as_object().at("kind").as_string());
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sts_token_command, fixture)

BOOST_AUTO_TEST_CASE(prints_the_answers_members_as_json) {
    auto const result = sts_token(usual);
    BOOST_TEST(result.exit_code == 0);
    auto const got = line(result);
    BOOST_TEST(mock.claims(std::string(got.at("access_token").as_string())).has_value());
    BOOST_TEST(got.at("token_type").as_string() == "Bearer");
    BOOST_TEST(got.at("issued_token_type").as_string() == "urn:ietf:params:oauth:token-type:access_token");
    BOOST_TEST(got.at("expires_in").as_int64() == 3600);
}

BOOST_AUTO_TEST_CASE(prints_the_bare_token_or_a_header) {
    auto const bare = sts_token(usual + " --output token");
    BOOST_TEST(bare.exit_code == 0);
    BOOST_TEST(mock.claims(bare.output.substr(0, bare.output.size() - 1)).has_value());
    auto const header = sts_token(usual + " --output=header");
    BOOST_TEST(header.output.starts_with("Authorization: Bearer ey"));
}

BOOST_AUTO_TEST_CASE(prints_nothing_of_the_services_that_drives_a_terminal) {
    mock.next(testing::mock_answer::genuine().body(
        "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"issued_token_type\":"
        "\"urn:ietf:params:oauth:token-type:access_token\",\"scope\":"
        "\"a\\u009b31m\\u007f\\u202e\\ud83d\\ude00\"}"));
    auto const result = sts_token(usual);
    BOOST_TEST(std::all_of(result.output.begin(), result.output.end(),
                           [](unsigned char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
    BOOST_TEST(line(result).at("scope").as_string() ==
               "a\u009b31m\u007f\u202e\U0001F600"); // and means the same
}

BOOST_AUTO_TEST_CASE(prints_json_of_a_path_that_is_no_text) {
    for (std::string const path : {"/caf\xC3\"", "/caf\xE9", "/caf\xF0\x9F", "/\x80"}) {
        auto const result = sts_token(subject + " --ca-file '" + path + "'");
        auto const said = std::string(line(result).at("error").as_object().at("message").as_string());
        BOOST_TEST(contains(said, "\uFFFD"), result.output);
        BOOST_TEST(contains(said, "No such file"), result.output);
    }
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
            BOOST_TEST(result.exit_code == 1, result.output);
            BOOST_TEST(!contains(result.output, canary), option);
        }
    BOOST_TEST(
        contains(sts_token(server + " --scope s --subject-token-file ./nowhere").output, "'./nowhere'"));
}

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
    BOOST_TEST(run(both + "EQUINIX_TOKEN_EXCHANGE_SCOPE=s", server).exit_code == 1);
    auto const alone = run("EQUINIX_STS_CLIENT_SECRET=mock-secret", by_client);
    BOOST_TEST(contains(alone.output, "EQUINIX_STS_CLIENT_SECRET needs EQUINIX_STS_CLIENT_ID"), alone.output);
}

BOOST_AUTO_TEST_CASE(prints_the_services_refusal) {
    auto const wrong = in.file("wrong", mock.id_token(testing::id_token_claims().audience("other")));
    auto const result = sts_token(server + " --scope s --subject-token-file " + wrong);
    BOOST_TEST(result.exit_code == 1);
    auto const error = line(result).at("error").as_object();
    BOOST_TEST(error.at("kind").as_string() == "oauth");
    BOOST_TEST(error.at("oauth_error").as_string() == "invalid_request");
    BOOST_TEST(error.at("http_status").as_int64() == 400);
    BOOST_TEST(error.at("attempts").as_int64() == 1);
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
    BOOST_TEST(run(where + "EQUINIX_API_TIMEOUT=soon " + named).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(K7_sends_no_credentials_of_another_service) {
    auto const base = mock.url().substr(0, mock.url().find("/use/token"));
    auto const foreign = "env EQUINIX_API_CLIENTID=mock-client EQUINIX_API_CLIENTSECRET=mock-secret "
                         "EQUINIX_STS_ENDPOINT=" +
                         base + " " STS_TOKEN " ";
    auto const alone = shell(foreign + "--ca-file " + in.file("ca.pem", mock.ca_pem()));
    BOOST_TEST(alone.exit_code == 1);
    BOOST_TEST(kind(alone) == "config");
    BOOST_TEST(contains(alone.output, "EQUINIX_STS_CLIENT_SECRET"), alone.output);
    BOOST_TEST(
        shell(foreign + "--grant client-credentials --scope s --ca-file " + in.file("ca.pem", mock.ca_pem()))
            .exit_code == 1);
    BOOST_TEST(!contains(mock.raw_requests().empty() ? "" : mock.raw_requests().back(), "mock-client"));
    auto const before = mock.requests();
    BOOST_TEST(shell(foreign + usual).exit_code == 0); // beside a subject token they are ignored
    BOOST_TEST(mock.requests() == before + 1);
    BOOST_TEST(!contains(mock.raw_requests().back(), "mock-client"));
    BOOST_TEST(!contains(mock.raw_requests().back(), "Authorization"));
}

BOOST_AUTO_TEST_CASE(H27_asks_by_an_assertion_and_for_an_audience) {
    auto const asked =
        usual + " --grant jwt-bearer --audience one --audience two --resource https://r.test/x";
    BOOST_TEST(sts_token(asked).exit_code == 0);
    auto const sent = mock.raw_requests().back();
    for (auto const* const part : {"grant-type%3Ajwt-bearer", "&assertion=", "&audience=one&audience=two",
                                   "&resource=https%3A%2F%2Fr.test%2Fx"})
        BOOST_TEST(contains(sent, part), part);
}

BOOST_AUTO_TEST_CASE(H23_prints_what_is_no_access_token_but_makes_no_header_of_it) {
    auto const asked = usual + " --requested-token-type urn:ietf:params:oauth:token-type:id-jag";
    BOOST_TEST(line(sts_token(asked)).at("token_type").as_string() == "N_A");
    auto const header = sts_token(asked + " --output header");
    BOOST_TEST(header.exit_code == 1);
    BOOST_TEST(contains(header.output, "N_A"), header.output);
    BOOST_TEST(!contains(header.output, "Authorization: "), header.output);
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
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(kind(result) == "config");
    BOOST_TEST(contains(result.output, "OPENSSL_CONF"), result.output);
    BOOST_TEST(contains(shell(broken + "doctor " + usual).output, "BAD   options"));
    auto const mock_too = shell(broken + "serve-mock --dir " + (in.path() / "mock").string() + " 2>&1");
    BOOST_TEST(contains(mock_too.output, "OpenSSL cannot"), mock_too.output);
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
        BOOST_TEST(result.exit_code == 1);
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

BOOST_AUTO_TEST_CASE(joins_repeated_scopes) {
    sts_token(server + " --scope a --scope=b:c " + subject);
    BOOST_TEST(mock.raw_requests().back().find("scope=a+b%3Ac&") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(makes_several_exchanges_over_one_pool_and_goes_on_after_a_failure) {
    mock.next(testing::mock_answer::error(400, "invalid_scope"));
    auto const result = sts_token(usual + " --count 5 --gap-ms 1 --max-attempts 1");
    BOOST_TEST(result.exit_code == 1);
    BOOST_TEST(std::count(result.output.begin(), result.output.end(), '\n') == 5);
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(mock.requests() == 5U);
    auto const parallel = sts_token(usual + " --count 40 --parallel 8 --output token");
    BOOST_TEST(parallel.exit_code == 0);
    BOOST_TEST(std::count(parallel.output.begin(), parallel.output.end(), '\n') == 40);
    BOOST_TEST(mock.connections() <= 9U);
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
        {to_server + "--subject-token-env eyJ.canary.x", "not set"},
        {usual + " --bearer-file " + file("bearer2", "can ary"), "bearer2"},
        {usual + " --client-id x --client-secret-file " + file("secret2", "can\nary"), "secret2"},
        {usual + " --client-id \"$(printf 'a\\001b')\" ", "client_id"},
    };
    for (auto const& [arguments, told] : bad) {
        auto const result = sts_token(arguments);
        BOOST_TEST(result.exit_code == 1, arguments.substr(0, 200));
        BOOST_TEST(kind(result) == "config", arguments.substr(0, 200));
        BOOST_TEST(contains(result.output, told), result.output);
        BOOST_TEST(!contains(result.output, "canary"), result.output);
    }
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(fails_when_its_output_cannot_be_written) {
    auto const result = shell(std::string(STS_TOKEN) + " " + usual + " 2>/dev/null >/dev/full");
    BOOST_TEST(result.exit_code == 1);
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

BOOST_AUTO_TEST_CASE(shows_no_secret_when_verbose) {
    auto const result = shell(std::string(STS_TOKEN) + " " + usual + " --verbose 2>&1 >/dev/null");
    BOOST_TEST(contains(result.output, "[redacted"));
    BOOST_TEST(contains(result.output, " ms: a token"));
    BOOST_TEST(contains(result.output, "full TLS handshake"));
    BOOST_TEST(!contains(result.output, "eyJ"));
}

BOOST_AUTO_TEST_CASE(serves_a_mock_that_answers_it_and_curl_alike) {
    // The mock prints its three lines once it listens; the shell ends it after use.
    auto const serve_and_ask = [&](std::string const& name, std::string const& options) {
        auto const dir = (in.path() / name).string();
        return shell(
            "mkfifo " + dir + ".fifo; " STS_TOKEN " serve-mock --dir " + dir + " " + options + " > " + dir +
            ".fifo & pid=$!; { read _ url; read rest; read rest; } < " + dir + ".fifo; " +
            STS_TOKEN " --url $url --ca-file " + dir + "/ca.pem --scope roleassignments:1 " +
            "--subject-token-file " + dir + "/id_token; echo \"exit $?\"; curl -sS --cacert " + dir +
            "/ca.pem --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:token-exchange " +
            "--data-urlencode subject_token@" + dir + "/id_token -d scope=roleassignments:1 " +
            "-d subject_token_type=urn:ietf:params:oauth:token-type:id_token $url; kill $pid; wait $pid");
    };
    auto const lines = [](std::string const& text) {
        auto const first = text.find('\n');
        auto const second = text.find('\n', first + 1);
        return std::array<std::string, 3>{text.substr(0, first), text.substr(first + 1, second - first - 1),
                                          text.substr(second + 1)};
    };
    auto const good = serve_and_ask("good", "--lifetime 77");
    BOOST_TEST(good.exit_code == 0);
    auto const granted = lines(good.output);
    BOOST_TEST(granted[1] == "exit 0");
    for (auto const& text : {granted[0], granted[2]}) {
        auto const answer = json::parse(text).as_object();
        BOOST_TEST(answer.at("expires_in").as_int64() == 77);
        BOOST_TEST(answer.at("access_token").as_string().size() > 100U);
    }
    auto const bad = lines(serve_and_ask("bad", "--token-audience other").output);
    BOOST_TEST(bad[1] == "exit 1");
    auto const ours = json::parse(bad[0]).at("error").as_object();
    auto const curls = json::parse(bad[2]).as_object();
    BOOST_TEST(ours.at("oauth_error").as_string() == "invalid_request");
    BOOST_TEST(ours.at("oauth_error").as_string() == curls.at("error").as_string());
    BOOST_TEST(ours.at("oauth_error_description").as_string() == curls.at("error_description").as_string());
    BOOST_TEST(contains(std::string(ours.at("oauth_error_description").as_string()), "audience"));
}

BOOST_AUTO_TEST_CASE(binds_a_token_to_a_key_and_proves_a_call_with_it) {
    auto const pem = in.file("key.pem", "");
    shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + pem + " 2>&1");
    auto const got = line(sts_token(usual + " --dpop-key " + pem));
    BOOST_TEST(got.at("token_type").as_string() == "DPoP");
    BOOST_TEST(got.at("jkt").as_string().size() == 43U);
    BOOST_TEST(line(sts_token(usual + " --dpop-key file:" + pem)).at("jkt") == got.at("jkt"));
    auto const unkept = sts_token(usual + " --dpop-required");
    BOOST_TEST(unkept.output.find("a key that ends with this command") != std::string::npos, unkept.output);
    BOOST_TEST(unkept.output.find("\"token_type\":\"DPoP\"") != std::string::npos, unkept.output);

    auto const lines =
        sts_token(usual + " --dpop --output header --api 'GET https://api.example.test/v1/ports?a=b'");
    BOOST_TEST(lines.exit_code == 0, lines.output);
    BOOST_REQUIRE(lines.output.starts_with("Authorization: DPoP ey"));
    auto const token = lines.output.substr(20, lines.output.find('\n') - 20);
    auto const proof = lines.output.substr(lines.output.find("\nDPoP: ") + 7);
    testing::proof_verifier api;
    auto const verdict =
        api.check("GET", "https://api.example.test/v1/ports", proof.substr(0, proof.find('\n')), token);
    BOOST_TEST(verdict.refusal == "");
}

BOOST_AUTO_TEST_CASE(authenticates_the_client_by_assertions) {
    auto const key = in.file("key.pem", "");
    shell("openssl genpkey -algorithm ED25519 -aes256 -pass pass:correct -out " + key + " 2>&1");
    auto const passphrase = in.file("passphrase", "correct\n");
    testing::mock_options options;
    options.client_jwk = equinix::sts::signing_key::from_file(key, [] {
                             return equinix::sts::secret("correct");
                         }).public_jwk();
    testing::mock_sts const service(options);
    auto const arguments = "--url " + service.url() + " --ca-file " + in.file("ca2.pem", service.ca_pem()) +
                           " --scope s --client-id mock-client --client-assertion-key " + key;
    auto const with = arguments + " --client-key-passphrase-file " + passphrase;
    BOOST_TEST(line(sts_token(with)).contains("access_token"));
    BOOST_TEST(line(sts_token(with + " --client-auth private-key-jwt")).contains("access_token"));
    BOOST_TEST(kind(sts_token(arguments)) == "config"); // encrypted
    auto const verbose = sts_token(with + " --verbose");
    BOOST_TEST(verbose.output.find("client_assertion=[redacted], by EdDSA, key ") != std::string::npos);
    auto const other = sts_token(with + " --client-assertion-audience https://other.test");
    BOOST_TEST(kind(other) == "oauth");
}

BOOST_AUTO_TEST_CASE(refuses_options_of_keys_that_do_not_go_together) {
    constexpr std::pair<char const*, char const*> wrong[] = {
        {"--client-auth private-key-jwt", "needs --client-assertion-key"},
        {"--client-assertion-key k --client-secret-file f --client-id i", "exclude each other"},
        {"--client-assertion-key k --client-auth basic --client-id i", "needs --client-auth private-key-jwt"},
        {"--client-assertion-key k", "needs --client-id"},
        {"--client-assertion-key-id k", "need --client-assertion-key"},
        {"--signing-alg RS256", "needs --dpop"},
        {"--signing-alg HS256 --dpop", "RS256"},
        {"--api 'GET https://a.test' --dpop", "needs --output header"},
        {"--api 'GET https://a.test' --output header", "needs --dpop"},
        {"--api GET --output header --dpop", "needs a method and a URL"},
        {"--api 'get https://a.test' --output header --dpop", "capital letters"},
        {"--api 'GET a.test' --output header --dpop", "needs a whole URL"},
        {"--api 'GET https://a.test' --output header --dpop --requested-token-type t", "exclude each other"},
        {"--client-key-passphrase-file f", "--dpop-key"}};
    for (auto const& [arguments, cause] : wrong) {
        auto const result = sts_token(std::string("--scope s ") + arguments);
        BOOST_TEST(result.exit_code == 2, arguments);
        BOOST_TEST(result.output.find(cause) != std::string::npos, result.output);
    }
}

BOOST_AUTO_TEST_SUITE_END()
