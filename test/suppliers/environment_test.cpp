// Tokens in environment variables.
#include "suppliers/asking.hpp"
#include "suppliers/variable.hpp"
#include "support/refused.hpp"

#include <utility>

using namespace test;

BOOST_AUTO_TEST_SUITE(supplier_simple)

BOOST_AUTO_TEST_CASE(environment_is_read_at_each_use) {
    variable set("EQUINIX_STS_TEST", "first");
    auto const supplier = suppliers::environment("EQUINIX_STS_TEST");
    BOOST_TEST(token_of(supplier) == "first");
    set.set(" second\n");
    BOOST_TEST(token_of(supplier) == "second");
}

BOOST_AUTO_TEST_CASE(environment_variable_unset_or_empty_is_refused) {
    auto const supplier = suppliers::environment("EQUINIX_STS_TEST");
    BOOST_TEST(contains(refusal_of(supplier), "'EQUINIX_STS_TEST' is unset or empty"));
    variable const set("EQUINIX_STS_TEST", "");
    BOOST_TEST(contains(refusal_of(supplier), "'EQUINIX_STS_TEST' is unset or empty"));
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
    BOOST_TEST(contains(message, "that 'EQUINIX_STS_TEST_NAME' names is unset or empty"));
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

BOOST_AUTO_TEST_SUITE_END()
