// What a program gets: its words, the variables that it is given, and the others of this process.
#include "base/program_call.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

using namespace equinix::sts;

namespace {

std::vector<std::string> texts(char* const* all) {
    std::vector<std::string> found;
    for (; *all != nullptr; ++all)
        found.emplace_back(*all);
    return found;
}

/// How often a variable of this name is there, and its last value.
std::pair<int, std::string> found(base::program_call const& call, std::string const& name) {
    std::pair<int, std::string> seen;
    for (auto const& one : texts(call.environment()))
        if (one.starts_with(name + "=")) seen = {seen.first + 1, one.substr(name.size() + 1)};
    return seen;
}

} // namespace

BOOST_AUTO_TEST_SUITE(program_call)

BOOST_AUTO_TEST_CASE(has_the_words_in_their_order) {
    std::vector<std::string> const words = {"program", "", "a b"};
    base::program_call const call(words, {});
    BOOST_TEST(std::string(call.file()) == "program");
    BOOST_TEST(texts(call.words()) == words, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_given_variable_takes_the_place_of_this_processs) {
    ::setenv("PROGRAM_CALL_A", "old", 1);
    ::setenv("PROGRAM_CALL_AB", "other", 1);
    std::vector<std::string> const words = {"program"};
    base::program_call const call(words, {"PROGRAM_CALL_A=new", "PROGRAM_CALL_C="});
    BOOST_TEST(found(call, "PROGRAM_CALL_A").first == 1);
    BOOST_TEST(found(call, "PROGRAM_CALL_A").second == "new");
    BOOST_TEST(found(call, "PROGRAM_CALL_AB").second == "other");
    BOOST_TEST(found(call, "PROGRAM_CALL_C").first == 1);
    ::unsetenv("PROGRAM_CALL_A");
    ::unsetenv("PROGRAM_CALL_AB");
}

BOOST_AUTO_TEST_CASE(an_entry_without_a_name_stays) {
    char odd[] = "PROGRAM_CALL_ODD"; // as a parent may have passed it
    char* const mine[] = {odd, nullptr};
    auto** const before = environ;
    environ = const_cast<char**>(mine);
    std::vector<std::string> const words = {"program"};
    base::program_call const call(words, {"A=b"});
    environ = before;
    BOOST_TEST(texts(call.environment()) == (std::vector<std::string>{"PROGRAM_CALL_ODD", "A=b"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
