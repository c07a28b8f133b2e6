// Section H of doc/faults.md: what is a token, what is an error, and of which kind.
#include "base/redact.hpp"
#include "core/response.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>
#include <vector>

namespace sts = equinix::sts;
namespace base = sts::base;
namespace core = sts::core;
using std::chrono::seconds;
using sts::error_kind;

namespace {

constexpr char access_type[] = "urn:ietf:params:oauth:token-type:access_token";

core::judgement_context exchange_context() {
    core::judgement_context context;
    context.requested.steady += seconds(1000);
    context.requested.system += seconds(2000);
    context.received.steady += seconds(1001);
    context.received.system += seconds(2001);
    return context;
}

core::judgement_context credentials_context() {
    auto context = exchange_context();
    context.token_exchange = false;
    return context;
}

sts::result<sts::token> judge(unsigned status, std::string_view body,
                              core::judgement_context const& context = exchange_context(),
                              std::string_view type = "application/json") {
    core::answer answer;
    answer.status = status;
    answer.content_type = type;
    answer.body = body;
    return core::judge(answer, context);
}

/// A good answer with one member replaced, or left out when `value` is empty.
std::string with(std::string_view name, std::string_view value) {
    std::vector<std::pair<std::string, std::string>> members = {
        {"access_token", "\"abc\""},
        {"issued_token_type", "\"" + std::string(access_type) + "\""},
        {"token_type", "\"Bearer\""},
        {"expires_in", "3600"}};
    std::string text;
    bool found = false;
    for (auto const& [key, usual] : members) {
        found = found || key == name;
        auto const shown = key == name ? std::string(value) : usual;
        if (!shown.empty()) text += (text.empty() ? "" : ",") + ("\"" + key + "\":" + shown);
    }
    if (!found && !name.empty()) text += ",\"" + std::string(name) + "\":" + std::string(value);
    return "{" + text + "}";
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

sts::error_kind kind_of(unsigned status, std::string_view body, std::string_view type = "application/json") {
    auto const judged = judge(status, body, exchange_context(), type);
    BOOST_REQUIRE(judged.has_error());
    BOOST_TEST(judged.error().http_status == status);
    return judged.error().kind;
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

BOOST_AUTO_TEST_CASE(is_an_oauth_error_under_any_status_of_failure) {
    for (unsigned const status : {400U, 401U, 403U, 404U, 409U, 429U, 500U, 503U}) {
        auto const judged =
            judge(status, R"({"error":"invalid_target","error_description":"no","error_uri":"https://x"})");
        BOOST_REQUIRE(judged.has_error());
        auto const info = judged.error();
        BOOST_TEST((info.kind == error_kind::oauth));
        BOOST_TEST((info.phase == sts::phase::oauth));
        BOOST_TEST(info.http_status == status);
        BOOST_TEST(info.oauth_error == "invalid_target");
        BOOST_TEST(info.oauth_error_description == "no");
        BOOST_TEST(info.oauth_error_uri == "https://x");
    }
    BOOST_TEST((kind_of(400, R"({"error":"x"})", "application/problem+json") == error_kind::oauth));
}

BOOST_AUTO_TEST_CASE(H25_an_error_object_of_the_service_is_told_by_its_code) {
    auto const body =
        R"({"x":{"errorCode":"not this"},"error":{"errorCode":"internal-error","errorMessage":"it broke",)"
        R"("more":{"errorCode":"nor this"}},"errorCode":"nor that"})";
    for (unsigned const status : {400U, 401U, 403U, 404U, 422U}) {
        auto const judged = judge(status, body);
        BOOST_REQUIRE(judged.has_error());
        auto const info = judged.error();
        BOOST_TEST((info.kind == error_kind::http));
        BOOST_TEST((info.phase == sts::phase::oauth));
        BOOST_TEST(info.http_status == status);
        BOOST_TEST(info.oauth_error.empty());
        BOOST_TEST(info.service_code == "internal-error");
        BOOST_TEST(info.service_message == "it broke");
        BOOST_TEST(info.to_string().find("errorCode=internal-error") != std::string::npos);
    }
    auto const later = judge(503, body);
    BOOST_TEST((later.error().kind == error_kind::unavailable));
    BOOST_TEST(later.error().service_code == "internal-error");
}

BOOST_AUTO_TEST_CASE(H25_its_text_may_have_another_name) {
    BOOST_TEST(judge(400, R"({"error":{"message":"m","details":"d"}})").error().service_message == "m");
    BOOST_TEST(judge(400, R"({"error":{"details":"d"}})").error().service_message == "d");
    BOOST_TEST(judge(400, R"({"error":{"message":7,"details":["d"]}})").error().service_message.empty());
}

BOOST_AUTO_TEST_CASE(reads_camel_case_members_of_an_error) {
    auto const info =
        judge(400, R"({"error":"invalid_scope","errorDescription":"why","errorUri":"https://e.test"})")
            .error();
    BOOST_TEST((info.kind == error_kind::oauth));
    BOOST_TEST(info.oauth_error_description == "why");
    BOOST_TEST(info.oauth_error_uri == "https://e.test");
}

BOOST_AUTO_TEST_CASE(H26_the_url_is_doubted_only_where_it_may_be_wrong) {
    auto const says = [](unsigned status, std::string_view target, std::string_view body = "") {
        auto context = exchange_context();
        context.target = target;
        return judge(status, body, context, body.empty() ? "text/html" : "application/json").error().message;
    };
    auto const names = [](std::string const& text, char const* part) {
        return text.find(part) != std::string::npos;
    };
    for (unsigned const status : {404U, 405U}) {
        BOOST_TEST(names(says(status, "/use/token"), "the token operation is also at /v1/token"));
        BOOST_TEST(names(says(status, "/v1/token?x=1"), "the token operation is also at /use/token"));
        BOOST_TEST(names(says(status, "/token"), "check the endpoint's URL"));
        BOOST_TEST(names(says(status, "/"), "has no path"));
        BOOST_TEST(names(says(status, "/use/token", R"({"error":{"errorCode":"x"}})"), "/v1/token"));
    }
    BOOST_TEST(names(says(400, "/"), "has no path"));
    for (unsigned const status : {400U, 401U, 403U, 413U, 415U})
        BOOST_TEST(!names(says(status, "/use/token"), "URL"), status);
}

BOOST_AUTO_TEST_CASE(H17_a_refusal_without_an_oauth_error_is_http) {
    for (auto const* const body : {"<html>canary</html>", "", "{}", R"({"error":5})", R"({"error":""})",
                                   R"({"error":{"code":1}})", R"(["error"])", R"({"error":"x"} canary)"})
        BOOST_TEST((kind_of(400, body) == error_kind::http), body);
    for (unsigned const status : {401U, 403U, 404U, 405U, 406U, 413U, 415U, 501U, 597U})
        BOOST_TEST((kind_of(status, "") == error_kind::http), status);
    auto const judged = judge(400, "<html>canary</html>", exchange_context(), "text/html; charset=utf-8");
    BOOST_TEST(judged.error().to_string().find("text/html") != std::string::npos);
    BOOST_TEST(judged.error().to_string().find("canary") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(H18_a_gateways_answer_is_unavailable) {
    for (unsigned const status : {408U, 409U, 425U, 429U, 500U, 502U, 503U, 504U})
        BOOST_TEST((kind_of(status, "<html></html>", "text/html") == error_kind::unavailable), status);
}

BOOST_AUTO_TEST_CASE(H21_media_types) {
    for (auto const* const type :
         {"Application/JSON; Charset=\"UTF-8\"", "application/json;x=y", "text/json", ""})
        BOOST_TEST(judge(200, with("", ""), exchange_context(), type).has_value(), type);
    for (auto const* const type : {"application/problem+json", "text/plain", "application/jsonp", "json"})
        BOOST_TEST(judge(200, with("", ""), exchange_context(), type).has_error(), type);
}

BOOST_AUTO_TEST_CASE(D24_without_a_media_type_only_a_200_is_read) {
    BOOST_TEST(judge(200, with("", ""), exchange_context(), "").has_value());
    BOOST_TEST((kind_of(400, R"({"error":"x"})", "") == error_kind::http));
}

BOOST_AUTO_TEST_CASE(D14_a_content_coding_that_was_not_asked_for_is_malformed) {
    auto const body = with("", "");
    core::answer answer{200, "application/json", "gzip", "", body};
    BOOST_TEST((core::judge(answer, exchange_context()).error().kind == error_kind::malformed));
    answer.status = 503; // the status decides
    BOOST_TEST((core::judge(answer, exchange_context()).error().kind == error_kind::unavailable));
    answer.status = 200;
    answer.content_encoding = "Identity";
    BOOST_TEST(core::judge(answer, exchange_context()).has_value());
}

BOOST_AUTO_TEST_CASE(D17_a_status_without_a_body_is_malformed) {
    for (unsigned const status : {204U, 205U})
        BOOST_TEST((kind_of(status, "") == error_kind::malformed));
    BOOST_TEST((kind_of(200, "") == error_kind::malformed));
}

BOOST_AUTO_TEST_CASE(is_a_redirect_for_every_3xx) {
    for (unsigned const status : {300U, 301U, 302U, 303U, 304U, 307U, 308U})
        BOOST_TEST((kind_of(status, with("", "")) == error_kind::redirect), status);
}

BOOST_AUTO_TEST_CASE(is_http_for_another_success_even_with_a_token_in_it) {
    for (unsigned const status : {201U, 202U, 203U, 206U})
        BOOST_TEST((kind_of(status, with("", "")) == error_kind::http), status);
}

BOOST_AUTO_TEST_CASE(carries_what_retry_after_says) {
    core::answer answer{503, "text/html", "", "7", ""};
    BOOST_TEST((core::judge(answer, exchange_context()).error().retry_after == seconds(7)));
    answer.retry_after = "Thu, 01 Jan 1970 00:33:31 GMT";
    BOOST_TEST((core::judge(answer, exchange_context()).error().retry_after == seconds(10)));
    answer.retry_after = "soon";
    BOOST_TEST(!core::judge(answer, exchange_context()).error().retry_after.has_value());
}

BOOST_AUTO_TEST_CASE(never_gives_back_the_requests_secrets) {
    std::string const token = "eyJhbGciOiJFUzI1NiJ9.canary-payload.canary-signature";
    std::string_view const secrets[] = {token, "pw"};
    auto context = exchange_context();
    context.secrets = secrets;
    auto const judged = judge(400,
                              R"({"error":"x )" + token + R"( y","error_description":"token )" + token +
                                  R"( with pw; and its part canary-payload.can"})",
                              context);
    auto const text = judged.error().to_string();
    BOOST_TEST(text.find("canary") == std::string::npos, text);
    BOOST_TEST(text.find("pw") == std::string::npos, text);
    BOOST_TEST(judged.error().oauth_error == "x [redacted] y");
    BOOST_TEST(judged.error().oauth_error_description ==
               "token [redacted] with [redacted]; and its part [redacted]");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(printable)

BOOST_AUTO_TEST_CASE(escapes_what_would_disturb_a_log) {
    BOOST_TEST(base::printable("a\nb\x1b[0m\"\\\xff", {}) == "a\\x0ab\\x1b[0m\\x22\\x5c\\xff");
}

BOOST_AUTO_TEST_CASE(cuts_at_the_limit) {
    auto const text = base::printable(std::string(5000, 'x'), {}, 100);
    BOOST_TEST(text == std::string(100, 'x') + "...");
    BOOST_TEST(base::printable(std::string(100, 'x'), {}, 100) == std::string(100, 'x'));
}

BOOST_AUTO_TEST_CASE(redacts_a_stretch_of_eight_and_no_shorter_one) {
    std::string_view const secrets[] = {"abcdefghijkl"};
    BOOST_TEST(base::printable("(cdefghij) (cdefghi) (abcdefghijkl)", secrets) ==
               "([redacted]) (cdefghi) ([redacted])");
}

// A secret and a text made for each other were compared for minutes, on the thread of whoever awaited the
// exchange.
BOOST_AUTO_TEST_CASE(redacts_a_megabyte_of_one_letter) {
    std::string const secret(65536, 'a');
    std::string_view const secrets[] = {secret};
    BOOST_TEST(base::printable(std::string(1048576, 'a'), secrets) == "[redacted]...");
    BOOST_TEST(base::printable("x" + std::string(4000, 'a') + "y", secrets) == "x[redacted]y");
}

BOOST_AUTO_TEST_CASE(shows_no_beginning_of_an_echo_where_it_ends) {
    std::string const secret = "0123456789abcdef";
    std::string_view const secrets[] = {secret};
    for (std::size_t before = 0; before < 1000; ++before) {
        auto const text =
            base::printable(std::string(before, 'x') + secret + std::string(2000, 'a'), secrets, 100);
        BOOST_REQUIRE(text.find("0123") == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
