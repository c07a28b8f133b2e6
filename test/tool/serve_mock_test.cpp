// `sts-token serve-mock`: what it serves, and what can be scripted from the command line.
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/sanitized.hpp"
#include "tool/sts_token_fixture.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>

using namespace test;

namespace {

/// What `$ask`, the exchange in words, makes against a mock with these options; `$url` is its endpoint.
ran ask(std::string const& options, std::string const& script) {
    folder const in;
    auto const dir = in.path().string();
    return shell("mkfifo " + dir + "/said; " STS_TOKEN " serve-mock --dir " + dir + " " + options + " >" +
                 dir + "/said & pid=$!; { read _ url; read rest; read rest; } <" + dir +
                 "/said; ask=\"" STS_TOKEN " --url $url --ca-file " + dir +
                 "/ca.pem --scope roleassignments:1 --subject-token-file " + dir + "/id_token\"; { " +
                 script + "; } 2>&1; kill $pid; wait $pid");
}

} // namespace

BOOST_AUTO_TEST_SUITE(serve_mock_command)

BOOST_AUTO_TEST_CASE(fails_the_requests_that_it_is_told) {
    auto const result = ask("--fail 3:409 --fail 1:400:invalid_scope", "$ask --count 4 --max-attempts 1");
    auto const lines = [&](std::string_view part) {
        std::size_t found = 0;
        for (std::size_t at = 0; (at = result.output.find(part, at)) != std::string::npos; ++at)
            ++found;
        return found;
    };
    BOOST_TEST(lines("access_token\":") == 2U, result.output);
    BOOST_TEST(lines("\"http_status\":409") == 1U, result.output);
    BOOST_TEST(lines("\"oauth_error\":\"invalid_scope\"") == 1U, result.output);
    BOOST_TEST(result.output.find("invalid_scope") < result.output.find("409"));
}

BOOST_AUTO_TEST_CASE(says_at_its_end_how_many_requests_it_got) {
    folder const in;
    auto const errors = in.path() / "errors";
    auto const result = ask("2>" + errors.string(), "$ask --count 2");
    BOOST_TEST(result.exit_code == 0, result.output);
    std::ifstream said(errors);
    std::string line;
    std::getline(said, line);
    BOOST_TEST(line == "requests 2");
}

BOOST_AUTO_TEST_CASE(delays_each_answer) {
    // Longer than the client waits: whatever the machine's speed, no answer comes in time.
    auto const result = ask("--delay 60000", "$ask --timeout-ms 300");
    BOOST_TEST(contains(result.output, "\"kind\":\"timeout\""), result.output);
}

BOOST_AUTO_TEST_CASE(issues_an_id_token_that_has_expired) {
    auto const result = ask("--id-token-lifetime -3600", "$ask");
    BOOST_TEST(contains(result.output, "\"oauth_error\":\"invalid_request\""), result.output);
    BOOST_TEST(contains(result.output, "expired"), result.output);
}

BOOST_AUTO_TEST_CASE(all_users_can_read_the_authority_and_only_its_own_the_token) {
    auto const result = ask(
        "", "for word in $ask; do case $word in */ca.pem | */id_token) stat -c '%a %n' $word ;; esac; done");
    BOOST_TEST(contains(result.output, "/ca.pem\n600 "), result.output);
    BOOST_TEST(result.output.starts_with("644 "), result.output);
}

BOOST_AUTO_TEST_CASE(says_that_its_port_is_taken) {
    auto const result = ask("", "port=${url#*localhost:}; " STS_TOKEN
                                " serve-mock --dir /tmp --port ${port%%/*}; echo exit $?");
    BOOST_TEST(contains(result.output, "cannot serve on port "), result.output);
    BOOST_TEST(contains(result.output, "exit 1\n"), result.output);
}

BOOST_AUTO_TEST_CASE(follows_no_link_that_somebody_put_into_its_folder) {
    folder const in;
    auto const dir = (in.path() / "mock").string();
    auto const precious = in.file("precious", "mine");
    auto const result = shell(
        "mkdir " + dir + "; for name in ca.pem id_token id_token.new; do ln -s " + precious + " " + dir +
        "/$name; done; mkfifo " + dir + "/said; " STS_TOKEN " serve-mock --dir " + dir + " >" + dir +
        "/said & pid=$!; until read _ url <" + dir + "/said; do :; done; kill $pid; wait $pid; cat " +
        precious + "; stat -c %a " + dir + "/id_token");
    BOOST_TEST(result.output == "mine600\n");
}

/// A process that may be dumped has files in /proc that are its user's, any other such of root.
BOOST_AUTO_TEST_CASE(K6_leaves_no_core_file_and_shows_its_memory_to_nobody) {
    folder const in;
    auto const dir = in.path().string();
    auto const result = shell(
        "cd " + dir +
        "; cp " STS_TOKEN " .; chmod 755 .; mkdir mock; mkfifo said; as=; "
        "if [ $(id -u) = 0 ]; then chown 65534 mock; as='setpriv --reuid 65534 --clear-groups'; fi; "
        "$as ./sts-token serve-mock --dir mock >said & pid=$!; read _ url <said; stat -c %u /proc/$pid/mem; "
        "kill $pid; wait $pid; $as sh -c 'stat -c %u /proc/$$/mem; id -u'");
    std::istringstream words(result.output);
    std::string of_the_command, of_another, user;
    words >> of_the_command >> of_another >> user;
    BOOST_TEST(of_the_command == "0", result.output);
    BOOST_TEST(of_another == user, result.output); // as it would be without the command's doing
    BOOST_TEST(user != "0");
}

#if !TEST_ASAN // UBSan looks at pointers through a pipe, and calls them bad when there is none
BOOST_AUTO_TEST_CASE(serves_on_when_there_was_no_descriptor_for_a_while) {
    auto const result = ask(
        "", "prlimit --pid $pid --nofile=16; port=${url#*localhost:}; port=${port%%/*}; bash -c \"for i in "
            "\\$(seq 30); "
            "do exec {fd}<>/dev/tcp/127.0.0.1/$port; done; until [ \\$(ls /proc/$pid/fd | wc -l) -ge 16 ]; "
            "do :; done\"; $ask");
    BOOST_TEST(contains(result.output, "\"access_token\":"), result.output);
}
#endif

BOOST_AUTO_TEST_CASE(refuses_an_ill_formed_script) {
    for (auto const* option :
         {"--fail 3", "--fail 0:409", "--fail 3:200", "--fail x:409", "--fail 3:", "--delay -1"})
        BOOST_TEST(
            shell(std::string(STS_TOKEN) + " serve-mock --dir /tmp " + option + " 2>/dev/null").exit_code ==
                2,
            option);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(sts_token_command, sts_token_fixture)

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
    BOOST_TEST(bad[1] == "exit " + std::to_string(code_of(error_kind::oauth)));
    auto const ours = json::parse(bad[0]).at("error").as_object();
    auto const curls = json::parse(bad[2]).as_object();
    BOOST_TEST(ours.at("oauth_error").as_string() == "invalid_request");
    BOOST_TEST(ours.at("oauth_error").as_string() == curls.at("error").as_string());
    BOOST_TEST(ours.at("oauth_error_description").as_string() == curls.at("error_description").as_string());
    BOOST_TEST(contains(std::string(ours.at("oauth_error_description").as_string()), "audience"));
}

BOOST_AUTO_TEST_SUITE_END()
