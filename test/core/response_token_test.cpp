// What is a token (section H of doc/faults.md).
#include "core/response.hpp"
#include "core/response_judged.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/token.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sts = equinix::sts;
namespace core = equinix::sts::core;
using namespace test;
using std::chrono::seconds;
using sts::error_kind;

namespace {

core::judgement_context credentials_context() {
    auto context = exchange_context();
    context.token_exchange = false;
    return context;
}

void check_malformed(std::string const& body, core::judgement_context const& context = exchange_context()) {
    auto const judged = judge(200, body, context);
    BOOST_REQUIRE_MESSAGE(judged.has_error(), body.substr(0, 200));
    BOOST_TEST((judged.error().kind == error_kind::malformed), body.substr(0, 200));
    BOOST_TEST(judged.error().http_status == 200U);
    BOOST_TEST((judged.error().phase == sts::phase::parse));
}

sts::token token_of(std::string const& body, core::judgement_context const& context = exchange_context()) {
    auto const judged = judge(200, body, context);
    BOOST_REQUIRE_MESSAGE(judged.has_value(), body.substr(0, 200));
    return *judged;
}

} // namespace

BOOST_AUTO_TEST_SUITE(response)

BOOST_AUTO_TEST_CASE(is_a_token) {
    auto const token = token_of(with("scope", "\"a b\""));
    BOOST_TEST(token.access_token.reveal() == "abc");
    BOOST_TEST(token.token_type == "Bearer");
    BOOST_TEST(token.issued_token_type == access_type);
    BOOST_TEST(token.scope.value() == "a b");
    BOOST_TEST((token.expires_in == seconds(3600)));
}

BOOST_AUTO_TEST_CASE(counts_the_lifetime_from_before_the_request_was_sent) {
    auto const context = exchange_context();
    auto const token = token_of(with("expires_in", "60"), context);
    BOOST_REQUIRE(token.expires.has_value());
    BOOST_TEST((token.expires->steady == context.requested.steady + seconds(60)));
    BOOST_TEST((token.expires->system == context.requested.system + seconds(60)));
    BOOST_TEST((token.received.steady == context.received.steady));
}

BOOST_AUTO_TEST_CASE(H2_any_case_of_bearer_is_normalised) {
    for (auto const* const type : {"\"bearer\"", "\"BEARER\"", "\"BeArEr\""})
        BOOST_TEST(token_of(with("token_type", type)).token_type == "Bearer");
}

BOOST_AUTO_TEST_CASE(H3_another_token_type_is_malformed) {
    for (auto const* const type : {"\"DPoP\"", "\"N_A\"", "\"\"", "\"Bearer \"", "1", "null", ""})
        check_malformed(with("token_type", type));
}

BOOST_AUTO_TEST_CASE(H3_a_dpop_token_is_refused_with_the_reason) {
    auto const judged = judge(200, with("token_type", "\"DPoP\""));
    BOOST_REQUIRE(judged.has_error());
    BOOST_TEST((judged.error().kind == error_kind::malformed));
    BOOST_TEST(judged.error().message.find("RFC 9449") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(H23_what_is_no_access_token_is_taken_where_it_was_asked_for) {
    auto context = exchange_context();
    context.expected_type = sts::token_types::id_jag;
    auto const body = std::string(R"({"access_token":"abc","issued_token_type":")") +
                      sts::token_types::id_jag + R"(","token_type":"n_a","expires_in":300})";
    auto const token = token_of(body, context);
    BOOST_TEST(token.token_type == "N_A");
    BOOST_TEST(token.access_token.reveal() == "abc");
    BOOST_CHECK_THROW(token.authorization(), sts::error);
}

BOOST_AUTO_TEST_CASE(H23_it_is_malformed_where_an_access_token_was_asked_for) {
    check_malformed(with("token_type", "\"N_A\""));
    check_malformed(with("token_type", "\"N_A\""), credentials_context());
}

BOOST_AUTO_TEST_CASE(H24_a_member_that_is_not_needed_does_not_spoil_a_token) {
    for (auto const* const harmless : {"\"\"", "null"}) {
        BOOST_TEST(token_of(with("error", harmless)).access_token.reveal() == "abc");
        BOOST_TEST(token_of(with("error_description", harmless)).access_token.reveal() == "abc");
    }
    for (auto const* const no_scope : {"7", "{}", "true", "[]", "[1,\"a\"]", "[[\"a\"]]", "null"})
        BOOST_TEST(!token_of(with("scope", no_scope)).scope.has_value(), no_scope);
    auto const body = R"({"access_token":"abc","token_type":"Bearer","issued_token_type":7})";
    BOOST_TEST(token_of(body, credentials_context()).issued_token_type.empty());
}

BOOST_AUTO_TEST_CASE(H24_a_scope_in_an_array_is_joined) {
    BOOST_TEST(token_of(with("scope", "[\"a\",\"b:c\"]")).scope.value() == "a b:c");
    BOOST_TEST(token_of(with("scope", "[\"a\\u0062\"]")).scope.value() == "ab");
    BOOST_TEST(token_of("{\"scope\":[\"a\"],\"x\":[\"y\"]," + with("", "").substr(1)).scope.value() == "a");
}

BOOST_AUTO_TEST_CASE(H24_an_error_beside_a_token_is_malformed_all_the_same) {
    for (auto const* const error : {"\"x\"", "{}", "{\"errorCode\":\"x\"}", "[]", "1", "true"})
        check_malformed(with("error", error));
}

BOOST_AUTO_TEST_CASE(H4_unknown_members_are_ignored) {
    BOOST_TEST(token_of(with("x", "{\"access_token\":[1,{\"token_type\":2}]}")).access_token.reveal() ==
               "abc");
    BOOST_TEST(token_of(with("refresh_token", "7")).access_token.reveal() == "abc");
}

BOOST_AUTO_TEST_CASE(H5_issued_token_type_is_judged_by_the_grant) {
    check_malformed(with("issued_token_type", ""));
    check_malformed(with("issued_token_type", "null"));
    check_malformed(with("issued_token_type", "\"urn:ietf:params:oauth:token-type:id_token\""));
    check_malformed(with("issued_token_type", "5"));
    BOOST_TEST(token_of(with("issued_token_type", ""), credentials_context()).issued_token_type == "");
    auto wants_jwt = exchange_context();
    wants_jwt.expected_type = sts::token_types::jwt;
    BOOST_TEST(token_of(with("issued_token_type", "\"urn:ietf:params:oauth:token-type:jwt\""), wants_jwt)
                   .issued_token_type == sts::token_types::jwt);
}

BOOST_AUTO_TEST_CASE(H5_issued_token_type_is_judged_by_the_option_when_set) {
    auto strict = credentials_context();
    strict.policy = sts::issued_token_type_policy::require;
    check_malformed(with("issued_token_type", ""), strict);
    auto lax = exchange_context();
    lax.policy = sts::issued_token_type_policy::ignore;
    BOOST_TEST(token_of(with("issued_token_type", ""), lax).access_token.reveal() == "abc");
    BOOST_TEST(token_of(with("issued_token_type", "\"other\""), lax).issued_token_type == "other");
}

BOOST_AUTO_TEST_CASE(H6_an_unusable_access_token_is_malformed) {
    for (auto const* const value : {"", "\"\"", "null", "5", "{}", "[]", "true", "\"a b\"", "\"a\\n\"",
                                    "\"a\\u0000b\"", "\"\xc3\xa9\"", "\"a\\u007f\""})
        check_malformed(with("access_token", value));
}

BOOST_AUTO_TEST_CASE(H7_a_long_access_token_is_accepted) {
    std::string const text(256 * 1024, 'x');
    BOOST_TEST(token_of(with("access_token", "\"" + text + "\"")).access_token.reveal() == text);
}

BOOST_AUTO_TEST_CASE(H8_no_lifetime_is_a_state_of_its_own) {
    auto const token = token_of(with("expires_in", ""));
    BOOST_TEST(!token.expires_in.has_value());
    BOOST_TEST(!token.expires.has_value());
}

BOOST_AUTO_TEST_CASE(H9_a_number_in_a_string_is_accepted) {
    BOOST_TEST((token_of(with("expires_in", "\"3600\"")).expires_in == seconds(3600)));
    BOOST_TEST((token_of(with("expires_in", "\"3599.9\"")).expires_in == seconds(3599)));
}

BOOST_AUTO_TEST_CASE(H10_every_way_to_write_a_json_number_is_accepted_and_floored) {
    std::vector<std::pair<std::string, int>> const cases = {
        {"3599.5", 3599}, {"3.6e3", 3600}, {"3600.0", 3600}, {"1.8e3", 1800}, {"36E+2", 3600}, {"0.9", 0}};
    for (auto const& [text, expected] : cases)
        BOOST_TEST((token_of(with("expires_in", text)).expires_in == seconds(expected)), text);
}

BOOST_AUTO_TEST_CASE(H11_a_lifetime_that_is_over_means_usable_once) {
    for (auto const* const text : {"0", "-1", "-1e300", "-0.5"})
        BOOST_TEST((token_of(with("expires_in", text)).expires_in == seconds(0)), text);
}

BOOST_AUTO_TEST_CASE(H12_an_immense_lifetime_is_clamped) {
    seconds const century(std::int64_t(100) * 365 * 24 * 3600);
    for (auto const& text :
         {std::string("1e308"), std::string("1e999"), std::string("100000000000000000000"),
          std::string("18446744073709551615"), std::string("9223372036854775807"), std::string(5000, '9')})
        BOOST_TEST((token_of(with("expires_in", text)).expires_in == century), text.substr(0, 30));
}

BOOST_AUTO_TEST_CASE(H13_a_lifetime_that_is_no_number_is_malformed_and_null_is_unknown) {
    for (auto const* const text :
         {"\"soon\"", "{}", "[]", "true", "\"\"", "\"nan\"", "\"inf\"", "\" 1\"", "\"1 \"", "NaN"})
        check_malformed(with("expires_in", text));
    BOOST_TEST(!token_of(with("expires_in", "null")).expires_in.has_value());
}

BOOST_AUTO_TEST_CASE(H14_a_success_that_is_no_token_response_is_malformed) {
    for (auto const* const body :
         {"{\"error\":\"invalid_request\"}", "<html></html>", "", "[]", "\"abc\"", "7", "null", "{}"})
        check_malformed(body);
    check_malformed(with("error", "\"x\""));
    auto const html = judge(200, with("", ""), exchange_context(), "text/html");
    BOOST_REQUIRE(html.has_error());
    BOOST_TEST((html.error().kind == error_kind::malformed));
}

BOOST_AUTO_TEST_CASE(H15_anything_but_exactly_one_well_formed_object_is_malformed) {
    auto const good = with("", "");
    for (auto const& body : {good + "x", good + good, good.substr(0, good.size() - 1), "\xef\xbb\xbf" + good,
                             with("x", "\"\xff\""), with("x", "\"\\ud800\""), with("x", "'a'"), "{" + good})
        check_malformed(body);
    BOOST_TEST(token_of(" \r\n\t" + good + "\n ").access_token.reveal() == "abc");
}

BOOST_AUTO_TEST_CASE(H15_nesting_beyond_32_is_malformed) {
    check_malformed(with("x", std::string(100, '[') + std::string(100, ']')));
    BOOST_TEST(token_of(with("x", std::string(20, '[') + std::string(20, ']'))).access_token.reveal() ==
               "abc");
}

BOOST_AUTO_TEST_CASE(H16_a_member_that_stands_twice_is_malformed) {
    for (auto const* const name : {"access_token", "token_type", "issued_token_type", "expires_in"})
        check_malformed("{\"" + std::string(name) + "\":\"x\"," + with("", "").substr(1));
    BOOST_TEST(token_of("{\"x\":1,\"x\":2," + with("", "").substr(1)).access_token.reveal() == "abc");
}

BOOST_AUTO_TEST_CASE(reads_camel_case_members_where_the_standard_ones_are_missing) {
    auto const token = token_of("{\"accessToken\":\"abc\",\"tokenType\":\"Bearer\",\"issuedTokenType\":\"" +
                                std::string(access_type) + "\",\"expiresIn\":60}");
    BOOST_TEST(token.access_token.reveal() == "abc");
    BOOST_TEST((token.expires_in == seconds(60)));
    BOOST_TEST(token_of("{\"accessToken\":\"no\"," + with("", "").substr(1)).access_token.reveal() == "abc");
    BOOST_TEST(token_of(with("accessToken", "\"no\"")).access_token.reveal() == "abc");
}

BOOST_AUTO_TEST_CASE(reads_escapes_in_names_and_values) {
    BOOST_TEST(token_of("{\"access\\u005ftoken\":\"a\\u002fb\\/c\"," + with("access_token", "").substr(1))
                   .access_token.reveal() == "a/b/c");
}

BOOST_AUTO_TEST_SUITE_END()
