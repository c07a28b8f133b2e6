// sts-token exec: a program that runs with a token in a variable, or in a file that is kept current.
#include "support/refused.hpp"
#include "tool/running_command.hpp"
#include "tool/sts_token_fixture.hpp"

#include <filesystem>
#include <string>

using namespace test;

namespace {

struct exec_fixture : sts_token_fixture {
    using sts_token_fixture::sts_token_fixture;

    /// Runs a script with `sts-token exec`.
    ran exec(std::string const& options, std::string const& script) const {
        return shell("XDG_RUNTIME_DIR=" + memory_folder() + " " STS_TOKEN " exec " + usual + " " + options +
                     " -- sh -c '" + script + "' 2>&1");
    }
    /// In memory, as the command insists.
    static std::string memory_folder() {
        struct temporary {
            temporary() { BOOST_REQUIRE(::mkdtemp(path.data()) != nullptr); }
            ~temporary() { std::filesystem::remove_all(path); }
            std::string path = "/dev/shm/equinix-sts-test-XXXXXX";
        };
        static temporary const made;
        return made.path;
    }
    static bool nothing_is_left() { return std::filesystem::is_empty(memory_folder()); }
    bool is_token(std::string_view text) const { return mock.claims(text).has_value(); }

    /// The words of such a command, to run beside the test.
    std::vector<std::string> words(std::vector<std::string> const& options, std::string const& script) const {
        ::setenv("XDG_RUNTIME_DIR", memory_folder().c_str(), 1);
        std::vector<std::string> all{"exec",
                                     "--url",
                                     mock.url(),
                                     "--ca-file",
                                     (in.path() / "ca.pem").string(),
                                     "--scope",
                                     "s",
                                     "--subject-token-file",
                                     (in.path() / "id_token").string()};
        all.insert(all.end(), options.begin(), options.end());
        all.insert(all.end(), {"--", "sh", "-c", script});
        return all;
    }

    std::string const output = (in.path() / "output").string();
};

/// With tokens that are renewed after two seconds, and still valid when the test looks at them.
struct short_lived_fixture : exec_fixture {
    short_lived_fixture() : exec_fixture(std::chrono::seconds(5)) {}
};

/// Without its last line end.
std::string chomped(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(sts_token_exec, exec_fixture)

BOOST_AUTO_TEST_CASE(gives_the_token_in_a_variable_and_ends_as_the_program_does) {
    auto const result = exec("", "printenv EQUINIX_API_TOKEN; exit 7");
    BOOST_TEST(result.exit_code == 7);
    BOOST_TEST(is_token(chomped(result.output)), result.output);
    BOOST_TEST(is_token(chomped(exec("--token-env MINE", "echo $MINE").output)));
    BOOST_TEST(chomped(exec("--token-env MINE", "echo $EQUINIX_API_TOKEN").output).empty());
}

BOOST_AUTO_TEST_CASE(a_variable_that_was_there_is_replaced) {
    auto const result = shell("EQUINIX_API_TOKEN=old " STS_TOKEN " exec " + usual +
                              " -- sh -c 'env | grep ^EQUINIX_API_TOKEN= | cut -c19-'");
    BOOST_TEST(is_token(chomped(result.output)), result.output);
}

BOOST_AUTO_TEST_CASE(gives_the_token_in_a_file_of_this_user_alone) {
    auto const result =
        exec("--token-file-env F", "cat $F; echo; stat -c %a $F $(dirname $F); echo [$EQUINIX_API_TOKEN]");
    BOOST_TEST(result.exit_code == 0);
    auto const end = result.output.find('\n');
    BOOST_TEST(is_token(result.output.substr(0, end)), result.output);
    BOOST_TEST(result.output.substr(end) == "\n400\n700\n[]\n");
    BOOST_TEST(nothing_is_left());
}

BOOST_FIXTURE_TEST_CASE(keeps_the_file_current_while_the_program_runs, short_lived_fixture) {
    auto const result = exec("--token-file-env F", "first=$(cat $F); for i in $(seq 400); do [ \"$first\" = "
                                                   "\"$(cat $F)\" ] || break; sleep 0.05; done; cat $F");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(is_token(result.output), result.output);
    BOOST_TEST(mock.requests() >= 2U);
    BOOST_TEST(nothing_is_left());
}

BOOST_FIXTURE_TEST_CASE(a_subject_token_that_is_renewed_in_its_file_is_read_again, short_lived_fixture) {
    auto const other = in.file("new", mock.id_token(testing::id_token_claims().subject("renewed")));
    // An exchange with the old one may be in progress, so the second new token is the one to look at.
    auto const result = exec("--token-file-env F",
                             "mv " + other + " " + (in.path() / "id_token").string() +
                                 "; for n in 1 2; do last=$(cat $F); for i in $(seq 400); do "
                                 "[ \"$last\" = \"$(cat $F)\" ] || break; sleep 0.05; done; done; cat $F");
    auto const claims = mock.claims(result.output);
    BOOST_REQUIRE_MESSAGE(claims, result.output);
    BOOST_TEST(contains(*claims, "renewed"));
}

BOOST_FIXTURE_TEST_CASE(an_outage_leaves_the_program_running_and_is_told_once, short_lived_fixture) {
    mock.always(testing::mock_answer::error(503, ""));
    mock.next(testing::mock_answer::genuine());
    auto const stop = (in.path() / "stop").string();
    running command(words({"--token-file-env", "F", "--max-attempts", "1"},
                          "until [ -e " + stop + " ]; do sleep 0.05; done; [ -s $F ] && exit 5"),
                    output);
    // The first complaint follows the end of the token that it has.
    shell("for i in $(seq 1500); do grep -qs sts-token: " + output + " && break; sleep 0.02; done");
    BOOST_TEST(mock.wait_for_requests(mock.requests() + 2, std::chrono::seconds(60)));
    std::ofstream(stop) << "now";
    auto const status = command.wait();
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 5));
    auto const told = content(output);
    auto const first = told.find("sts-token:");
    BOOST_TEST(first != std::string::npos, told);
    BOOST_TEST(told.find("sts-token:", first + 1) == std::string::npos, told);
    BOOST_TEST(nothing_is_left());
}

BOOST_AUTO_TEST_CASE(passes_a_signal_on_and_ends_as_the_program_does) {
    auto const ready = (in.path() / "ready").string();
    for (auto const& [handler, code] : {std::pair("trap 'exit 9' TERM;", 9), std::pair("", 128 + SIGTERM)}) {
        running command(
            words({"--token-file-env", "F"}, handler + ("echo >" + ready) + "; while :; do sleep 0.05; done"),
            output);
        shell("for i in $(seq 1500); do [ -e " + ready + " ] && break; sleep 0.02; done; rm " + ready);
        command.signal(SIGTERM);
        auto const status = command.wait();
        BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == code), content(output));
    }
    BOOST_TEST(nothing_is_left());
}

BOOST_AUTO_TEST_CASE(a_signal_before_the_program_starts_ends_it_at_once) {
    mock.always(testing::mock_answer::genuine().hold());
    running command(words({"--token-file-env", "F"}, "echo ran"), output);
    BOOST_REQUIRE(mock.wait_for_requests(1));
    command.signal(SIGTERM);
    auto const status = command.wait(); // before the answer
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM));
    BOOST_TEST(content(output).empty(), content(output));
    BOOST_TEST(nothing_is_left());
    mock.release();
}

BOOST_AUTO_TEST_CASE(an_ignored_sigchld_that_was_inherited_does_not_matter) {
    auto const result =
        shell("XDG_RUNTIME_DIR=" + memory_folder() + " bash -c 'trap \"\" CHLD; exec " STS_TOKEN " exec " +
              usual + " --token-file-env F -- sh -c \"exit 3\"' 2>&1");
    BOOST_TEST(result.exit_code == 3, result.output);
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_somebody_removed_is_made_again, short_lived_fixture) {
    auto const result =
        exec("--token-file-env F", "rm -r $(dirname $F); for i in $(seq 400); do [ -s $F ] && break; "
                                   "sleep 0.05; done; cat $F");
    BOOST_TEST(is_token(result.output), result.output);
    BOOST_TEST(nothing_is_left());
}

BOOST_AUTO_TEST_CASE(the_two_variables_have_different_names) {
    BOOST_TEST(exec("--token-env F --token-file-env F", "true").exit_code == 2);
}

BOOST_AUTO_TEST_CASE(a_program_that_cannot_be_run_is_told_as_a_shell_does) {
    for (std::string const option : {"", "--token-file-env F"}) {
        auto const start = std::string(STS_TOKEN) + " exec " + usual + " " + option + " -- ";
        auto const missing = shell(start + "/does/not/exist 2>&1");
        BOOST_TEST(missing.exit_code == 127);
        BOOST_TEST(contains(missing.output, "cannot run '/does/not/exist'"), missing.output);
        BOOST_TEST(shell(start + in.path().string() + " 2>&1").exit_code == 126);
    }
}

BOOST_AUTO_TEST_CASE(without_a_token_the_program_does_not_run) {
    for (std::string const option : {"", "--token-file-env F"}) {
        mock.next(testing::mock_answer::error(400, "invalid_scope"));
        auto const result = exec(option, "echo ran");
        BOOST_TEST(result.exit_code == code_of(error_kind::oauth));
        BOOST_TEST(contains(result.output, "invalid_scope"), result.output);
        BOOST_TEST(!contains(result.output, "ran\n"), result.output);
    }
    BOOST_TEST(nothing_is_left());
}

BOOST_AUTO_TEST_CASE(shares_its_token_through_a_store) {
    auto const store = "--store " + (in.path() / "store").string();
    auto const first = exec(store, "echo $EQUINIX_API_TOKEN");
    BOOST_TEST(exec(store, "echo $EQUINIX_API_TOKEN").output == first.output);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(removes_what_a_killed_one_has_left) {
    auto const left = memory_folder() + "/sts-token.killed";
    std::filesystem::create_directory(left);
    std::ofstream(left + "/token") << "canary";
    BOOST_TEST(exec("--token-file-env F", "true").exit_code == 0);
    BOOST_TEST(std::filesystem::exists(left)); // it may just have been made
    BOOST_TEST(shell("touch -d '2 minutes ago' " + left).exit_code == 0);
    BOOST_TEST(exec("--token-file-env F", "true").exit_code == 0);
    BOOST_TEST(nothing_is_left());
}

BOOST_AUTO_TEST_CASE(leaves_the_folder_of_one_that_runs) {
    auto const running = exec("--token-file-env F",
                              "touch -d \"2 minutes ago\" $(dirname $F); XDG_RUNTIME_DIR=" + memory_folder() +
                                  " " STS_TOKEN " exec " + usual + " --token-file-env G -- true; cat $F");
    BOOST_TEST(is_token(running.output), running.output);
}

BOOST_AUTO_TEST_CASE(needs_a_program) {
    for (std::string const words :
         {"exec", "exec --scope s", "exec --", "exec --count 2 -- true", "exec true"}) {
        auto const result = sts_token(words);
        BOOST_TEST(result.exit_code == 2, words);
        BOOST_TEST(contains(result.output, "try: sts-token exec --help"), result.output);
    }
}

BOOST_AUTO_TEST_SUITE_END()
