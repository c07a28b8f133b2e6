// The suppliers that ask nobody else: texts, the environment, the program's own functions.
#include "suppliers/asking.hpp"
#include "support/refused.hpp"

#include <boost/asio/this_coro.hpp>

#include <cstdlib>
#include <vector>

using namespace test;

namespace {

/// A variable that goes with the test.
class variable {
public:
    variable(std::string name, std::string const& value) : name_(std::move(name)) { set(value); }
    variable(variable const&) = delete;
    variable& operator=(variable const&) = delete;
    ~variable() { ::unsetenv(name_.c_str()); }

    void set(std::string const& value) { ::setenv(name_.c_str(), value.c_str(), 1); }

private:
    std::string name_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(supplier_simple)

BOOST_AUTO_TEST_CASE(literal_supplies_its_token_and_type) {
    asio::io_context context;
    asked one(context, suppliers::literal(sts::subject_token("abc", sts::token_types::jwt)));
    BOOST_TEST(one.token() == "abc");
    BOOST_TEST(one.type() == sts::token_types::jwt);
}

BOOST_AUTO_TEST_CASE(environment_is_read_at_each_use) {
    variable set("EQUINIX_STS_TEST", "first");
    auto const supplier = suppliers::environment("EQUINIX_STS_TEST");
    BOOST_TEST(token_of(supplier) == "first");
    set.set(" second\n");
    BOOST_TEST(token_of(supplier) == "second");
}

BOOST_AUTO_TEST_CASE(environment_variable_unset_or_empty_is_refused) {
    auto const supplier = suppliers::environment("EQUINIX_STS_TEST");
    BOOST_TEST(contains(refusal_of(supplier), "'EQUINIX_STS_TEST' is not set or empty"));
    variable const set("EQUINIX_STS_TEST", "");
    BOOST_TEST(contains(refusal_of(supplier), "'EQUINIX_STS_TEST' is not set or empty"));
}

BOOST_AUTO_TEST_CASE(environment_with_a_blank_inside_is_refused_and_not_told) {
    variable const set("EQUINIX_STS_TEST", "canary canary");
    auto const message = refusal_of(suppliers::environment("EQUINIX_STS_TEST"));
    BOOST_TEST(contains(message, "'EQUINIX_STS_TEST' is not a token"));
    BOOST_TEST(!contains(message, "canary"));
}

BOOST_AUTO_TEST_CASE(L25_an_error_of_a_variable_names_it) {
    auto const option_of = [](suppliers::supplier_ptr supplier) {
        asio::io_context context;
        return asked(context, std::move(supplier)).failure().option;
    };
    BOOST_TEST(option_of(suppliers::environment("EQUINIX_STS_TEST")) == "EQUINIX_STS_TEST");
    BOOST_TEST(option_of(suppliers::hcp_terraform("A")) == "TFC_WORKLOAD_IDENTITY_TOKEN_A");
    auto const named = suppliers::environment_named_by("EQUINIX_STS_TEST_NAME", "EQUINIX_STS_TEST");
    BOOST_TEST(option_of(named) == "EQUINIX_STS_TEST");
    variable const naming("EQUINIX_STS_TEST_NAME", "canary");
    BOOST_TEST(option_of(named) == "EQUINIX_STS_TEST_NAME");
    variable const set("EQUINIX_STS_TEST", "canary canary");
    BOOST_TEST(option_of(suppliers::environment("EQUINIX_STS_TEST")) == "EQUINIX_STS_TEST");
    BOOST_TEST(option_of(suppliers::environment("eyJhbGciOiJub25lIn0")).empty()); // rather a token
}

BOOST_AUTO_TEST_CASE(a_token_in_the_place_of_a_variables_name_is_not_told) {
    BOOST_TEST(!contains(refusal([] { suppliers::environment("canary.canary"); }), "canary"));
    BOOST_TEST(!contains(refusal([] { suppliers::environment(""); }), "canary"));
    variable const naming("EQUINIX_STS_TEST_NAME", "canary");
    auto const message =
        refusal_of(suppliers::environment_named_by("EQUINIX_STS_TEST_NAME", "EQUINIX_STS_TEST"));
    BOOST_TEST(contains(message, "that 'EQUINIX_STS_TEST_NAME' names is not set or empty"));
    BOOST_TEST(!contains(message, "canary"));
}

BOOST_AUTO_TEST_CASE(environment_named_by_another_variable_or_the_fallback) {
    variable const one("EQUINIX_STS_TEST_ONE", "one");
    variable const other("EQUINIX_STS_TEST_OTHER", "other");
    auto const supplier = suppliers::environment_named_by("EQUINIX_STS_TEST_NAME", "EQUINIX_STS_TEST_ONE");
    BOOST_TEST(token_of(supplier) == "one");
    variable naming("EQUINIX_STS_TEST_NAME", "EQUINIX_STS_TEST_OTHER");
    BOOST_TEST(token_of(supplier) == "other");
    naming.set("");
    BOOST_TEST(token_of(supplier) == "one");
}

BOOST_AUTO_TEST_CASE(hcp_terraform_reads_the_variable_of_its_tag) {
    variable const plain("TFC_WORKLOAD_IDENTITY_TOKEN", "plain");
    variable const tagged("TFC_WORKLOAD_IDENTITY_TOKEN_EQUINIX", "tagged");
    BOOST_TEST(token_of(suppliers::hcp_terraform()) == "plain");
    BOOST_TEST(token_of(suppliers::hcp_terraform("EQUINIX")) == "tagged");
    refusal([] { suppliers::hcp_terraform("A=B"); });
}

BOOST_AUTO_TEST_CASE(a_type_that_is_none_is_refused_at_once) {
    refusal([] { suppliers::environment("EQUINIX_STS_TEST", ""); });
    refusal([] { suppliers::file("/dev/null", "a b"); });
    suppliers::command_options options;
    options.type.clear();
    refusal([&] { suppliers::command({"true"}, options); });
}

BOOST_AUTO_TEST_CASE(callback_is_called_at_each_use) {
    int calls = 0;
    auto const supplier =
        suppliers::callback([&] { return sts::subject_token("call" + std::to_string(++calls)); });
    BOOST_TEST(token_of(supplier) == "call1");
    BOOST_TEST(token_of(supplier) == "call2");
}

BOOST_AUTO_TEST_CASE(coroutine_is_told_the_deadline_and_awaited) {
    auto const deadline = after(std::chrono::hours(1));
    auto const supplier =
        suppliers::coroutine([=](sts::supply_context with) -> asio::awaitable<sts::subject_token> {
            auto const executor = co_await asio::this_coro::executor;
            co_await asio::post(executor, asio::use_awaitable);
            sts::subject_token token(with.deadline() == deadline ? "right" : "wrong");
            co_return token;
        });
    asio::io_context context;
    BOOST_TEST(asked(context, supplier, deadline).token() == "right");
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

BOOST_AUTO_TEST_CASE(functions_that_are_empty_are_refused_at_once) {
    refusal([] { suppliers::callback(nullptr); });
    refusal([] { suppliers::coroutine(nullptr); });
}

BOOST_AUTO_TEST_CASE(a_functions_exception_is_what_the_asker_gets) {
    auto const supplier =
        suppliers::callback([]() -> sts::subject_token { throw std::out_of_range("mine"); });
    BOOST_CHECK_THROW(token_of(supplier), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()
