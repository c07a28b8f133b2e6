// The help, the manual page and the completions tell of the same options: those of the table.
#include "option_pages.hpp"
#include "support/process.hpp"
#include "tool/arguments.hpp"
#include "tool/help.hpp"
#include "tool/options.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace test;
namespace tool = equinix::sts::tool;

namespace {

std::string content(std::string const& path) {
    std::ostringstream all;
    all << std::ifstream(std::string(SOURCE_FOLDER "/") + path).rdbuf();
    BOOST_REQUIRE_MESSAGE(!all.str().empty(), path);
    return all.str();
}

/// The first group of each match.
std::set<std::string> found(std::string const& text, char const* pattern) {
    std::regex const expression(pattern);
    std::set<std::string> all;
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
        all.insert((*at)[1]);
    return all;
}

constexpr tool::command commands[] = {tool::command::exchange, tool::command::exec, tool::command::doctor,
                                      tool::command::serve_mock};

std::set<std::string> options_in_help() {
    std::string text;
    for (auto const command : commands)
        text += tool::help_of(command);
    return found(text, "--([a-z][a-z-]+)");
}

std::string joined(std::set<std::string> const& words) {
    std::string all;
    for (auto const& word : words)
        all += word + " ";
    return all;
}

/// What bash would offer for these words, the last of which is being written.
std::string completed(std::string const& words) {
    return shell(
               "bash -c 'source " SOURCE_FOLDER "/cmake/completion/sts-token.bash; COMP_WORDS=(sts-token " +
               words +
               "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _sts_token 2>/dev/null; echo \"${COMPREPLY[*]}\"'")
        .output;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tool_help)

BOOST_AUTO_TEST_CASE(fits_a_screen) {
    for (auto const command : commands) {
        auto const help = tool::help_of(command);
        BOOST_TEST(std::count(help.begin(), help.end(), '\n') <= 46);
        std::istringstream lines(help);
        for (std::string line; std::getline(lines, line);)
            BOOST_TEST(line.size() <= 80U, line);
    }
}

BOOST_AUTO_TEST_CASE(each_option_that_is_named_is_one) {
    for (auto const& option : options_in_help()) {
        std::string told;
        for (auto const* command : {"", "exec ", "doctor ", "serve-mock "})
            told += shell(std::string(STS_TOKEN) + " " + command + "--" + option + "=x --help 2>&1").output;
        auto const unknown = "unknown option --" + option + "\n";
        std::size_t times = 0;
        for (std::size_t at = 0; (at = told.find(unknown, at)) != std::string::npos; ++at)
            ++times;
        BOOST_TEST(times < std::size(commands), option);
    }
}

BOOST_AUTO_TEST_CASE(the_manual_page_has_the_same_options) {
    auto const there = found(content("doc/sts-token.1"), R"(Fl -([a-z][a-z-]+))");
    BOOST_TEST(joined(there) == joined(options_in_help()));
}

BOOST_AUTO_TEST_CASE(the_manual_page_explains_each_option_once) {
    std::istringstream page(content("doc/sts-token.1"));
    std::set<std::string> explained;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with(".It Fl -")) continue;
        auto const option = line.substr(8, line.find(' ', 8) - 8);
        BOOST_TEST(explained.insert(option).second, option << " is explained twice");
    }
}

BOOST_AUTO_TEST_CASE(the_completions_have_the_same_options) {
    auto const folder = std::string("cmake/completion/");
    BOOST_TEST(joined(found(content(folder + "sts-token.bash"), "--([a-z][a-z-]+)")) ==
               joined(options_in_help()));
    BOOST_TEST(joined(found(content(folder + "_sts-token"), "--([a-z][a-z-]+)")) ==
               joined(options_in_help()));
    BOOST_TEST(joined(found(content(folder + "sts-token.fish"), "-l ([a-z][a-z-]+)")) ==
               joined(options_in_help()));
}

BOOST_AUTO_TEST_CASE(the_help_has_the_options_of_the_table) {
    std::set<std::string> in_table;
    for (auto const& row : tool::option_table)
        in_table.insert(std::string(row.name.substr(2)));
    BOOST_TEST(joined(options_in_help()) == joined(in_table));
}

BOOST_AUTO_TEST_CASE(what_is_installed_is_what_the_table_makes) {
    std::string const folder = "cmake/completion/", manual = "doc/sts-token.1";
    std::map<std::string, std::string> const made = {{folder + "sts-token.bash", bash_completion()},
                                                     {folder + "_sts-token", zsh_completion()},
                                                     {folder + "sts-token.fish", fish_completion()},
                                                     {manual, manual_page(content(manual))}};
    for (auto const& [path, text] : made) {
        if (std::getenv("STS_WRITE_PAGES") != nullptr)
            std::ofstream(std::string(SOURCE_FOLDER "/") + path) << text;
        bool const same = content(path) == text;
        BOOST_TEST(same, path + ": write it with STS_WRITE_PAGES=1 in the environment of this test");
    }
}

BOOST_AUTO_TEST_CASE(the_examples_of_other_systems_use_options_that_are_there) {
    auto const known = options_in_help();
    for (auto const* file : {"examples/kubernetes.yaml", "examples/github-actions.yml"})
        for (auto const& line : found(content(file), "sts-token (--.*)"))
            for (auto const& option : found(line, "--([a-z][a-z-]+)"))
                BOOST_TEST(known.contains(option), option);
}

BOOST_AUTO_TEST_CASE(bash_offers_what_may_follow) {
    BOOST_TEST(completed("--gra") == "--grant\n");
    BOOST_TEST(completed("--grant \"\"") == "token-exchange client-credentials jwt-bearer\n");
    BOOST_TEST(completed("--output = t") == "token\n");
    BOOST_TEST(completed("doc") == "doctor\n");
    BOOST_TEST(completed("exec --token-f") == "--token-file-env\n");
    BOOST_TEST(completed("exec --api") == "\n");
    BOOST_TEST(completed("exec -- printen") == "printenv\n"); // a program
    BOOST_TEST(completed("serve-mock --po") == "--port\n");
    BOOST_TEST(completed("doctor --no") == "--no-exchange\n");
    BOOST_TEST(completed("doctor --verb") == "\n");
}

BOOST_AUTO_TEST_SUITE_END()
