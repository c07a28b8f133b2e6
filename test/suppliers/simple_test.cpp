// A literal token, and what all ready suppliers have in common.
#include "suppliers/asking.hpp"
#include "suppliers/variable.hpp"
#include "support/refused.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace test;

BOOST_AUTO_TEST_SUITE(supplier_simple)

BOOST_AUTO_TEST_CASE(literal_supplies_its_token_and_type) {
    asio::io_context context;
    asked one(context, suppliers::literal(sts::subject_token("abc", sts::token_types::jwt)));
    BOOST_TEST(one.token() == "abc");
    BOOST_TEST(one.type() == sts::token_types::jwt);
}

BOOST_AUTO_TEST_CASE(a_type_that_is_none_is_refused_at_once) {
    refusal([] { suppliers::environment("EQUINIX_STS_TEST", ""); });
    refusal([] { suppliers::file("/dev/null", "a b"); });
    suppliers::command_options options;
    options.type.clear();
    refusal([&] { suppliers::command({"true"}, options); });
}

BOOST_AUTO_TEST_CASE(one_that_is_made_for_a_question_lives_until_its_answer) {
    std::string const text(100, 't');
    variable const set("EQUINIX_STS_TEST", text);
    std::vector<suppliers::supplier_ptr (*)()> const makers = {
        [] { return suppliers::literal(sts::subject_token(std::string(100, 't'))); },
        [] { return suppliers::callback([] { return sts::subject_token(std::string(100, 't')); }); },
        [] { return suppliers::environment("EQUINIX_STS_TEST"); },
        [] { return suppliers::environment_named_by("EQUINIX_STS_TEST_NAME", "EQUINIX_STS_TEST"); },
        [] { return suppliers::command({"printenv", "EQUINIX_STS_TEST"}); },
        [] { return suppliers::chain({suppliers::environment("EQUINIX_STS_TEST")}); },
    };
    for (auto const make : makers) {
        auto const passing_on = [make](sts::supply_context with) { return make()->supply(std::move(with)); };
        BOOST_TEST(token_of(suppliers::coroutine(passing_on)) == text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
