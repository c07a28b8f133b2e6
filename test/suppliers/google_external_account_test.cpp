// The subject token that a configuration file of Google describes.
#include "suppliers/asking.hpp"
#include "suppliers/request_of.hpp"
#include "suppliers/variable.hpp"
#include "support/http_server.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"

#include <string>

using namespace test;
using sts::error_kind;

namespace {

struct configured {
    folder place;
    asio::io_context context;

    suppliers::supplier_ptr account(std::string const& source) const {
        return suppliers::google_external_account(
            place.file("account.json", R"({"type":"external_account","audience":"//iam.test/providers/p",
                "subject_token_type":"urn:ietf:params:oauth:token-type:jwt",
                "token_url":"https://sts.googleapis.test/v1/token",
                "service_account_impersonation_url":"https://iam.test/v1/-/serviceAccounts/me@p.test:generateAccessToken",
                "credential_source":)" + source +
                                           "}"));
    }
    std::string text(suppliers::supplier_ptr const& from) { return asked(context, from).token(); }
    sts::error_info failure(suppliers::supplier_ptr const& from) { return asked(context, from).failure(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(google_external_account, configured)

BOOST_AUTO_TEST_CASE(names_a_file_with_the_token) {
    auto const token = place.file("token", "a.b.c\n");
    BOOST_TEST(text(account(R"({"file":")" + token + "\"}")) == "a.b.c");
    BOOST_TEST(text(account(R"({"file":")" + token + R"(","format":{"type":"text"}})")) == "a.b.c");
}

BOOST_AUTO_TEST_CASE(names_a_file_with_the_token_in_json) {
    auto const token = place.file("token", R"({"other":"no","access":"a.b.c"})");
    auto const source = [&](std::string const& member) {
        return R"({"file":")" + token + R"(","format":{"type":"json","subject_token_field_name":")" + member +
               "\"}}";
    };
    BOOST_TEST(text(account(source("access"))) == "a.b.c");
    BOOST_TEST(contains(failure(account(source("gone"))).message, "has no text: member 'gone'"));
}

BOOST_AUTO_TEST_CASE(names_a_url_with_headers) {
    http_server server;
    server.next(http_answer(200, R"({"value":"by-http"})", "application/json"));
    BOOST_TEST(
        text(account(
            R"({"url":")" + server.url("/id?a=b") +
            R"(","headers":{"Metadata":"True"},"format":{"type":"json","subject_token_field_name":"value"}})")) ==
        "by-http");
    request_of const request(server.requests().at(0));
    BOOST_TEST(request.line() == "GET /id?a=b");
    BOOST_TEST(request.field("Metadata") == "True");
}

BOOST_AUTO_TEST_CASE(names_a_program_that_must_be_allowed) {
    auto const source = R"({"executable":{"command":"sh -c 'exit 1'"}})";
    auto const info = failure(account(source));
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.option == "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES");
    variable const allowed("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    BOOST_TEST(contains(failure(account(source)).message, "command 'sh' failed with exit code 1"));
}

BOOST_AUTO_TEST_CASE(runs_a_program_with_what_google_would_tell_it) {
    variable const allowed("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    variable const outer("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE", "of the caller's own environment");
    auto const program = place.file("program.sh", R"(
[ "$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" = "//iam.test/providers/p" ] &&
[ "$GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE" = "urn:ietf:params:oauth:token-type:jwt" ] &&
[ "$GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE" = 0 ] &&
[ "$GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL" = "me@p.test" ] &&
[ "$GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE" = "/o" ] && [ "$1" = "two words" ] &&
echo '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:id_token","id_token":"a.b.c"}'
)");
    BOOST_TEST(text(account(R"({"executable":{"command":"sh )" + program +
                            R"( \"two words\"","timeout_millis":5000,"output_file":"/o"}})")) == "a.b.c");
}

BOOST_AUTO_TEST_CASE(tells_the_code_of_a_program_that_has_no_token) {
    variable const allowed("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    auto const program = place.file(
        "program.sh", R"(echo '{"version":1,"success":false,"code":"401","message":"message-canary"}')");
    auto const info = failure(account(R"({"executable":{"command":"sh )" + program + R"("}})"));
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "the output of command 'sh' reports no success (code 401)"));
    BOOST_TEST(!contains(info.to_string(), "canary"));
}

BOOST_AUTO_TEST_CASE(takes_no_token_of_a_program_that_says_otherwise) {
    variable const allowed("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    auto const message = [&](std::string const& answer) {
        auto const program = place.file("program.sh", "echo '" + answer + "'");
        return failure(account(R"({"executable":{"command":"sh )" + program + R"("}})")).message;
    };
    BOOST_TEST(
        contains(message(R"({"version":1,"success":false,"id_token":"a.b.c"})"), "reports no success"));
    BOOST_TEST(contains(message(R"({"version":2,"success":true,"id_token":"a.b.c"})"), "version 1"));
    BOOST_TEST(contains(message(R"({"version":1,"success":true,"id_token":"a.b.c","expiration_time":1})"),
                        "expired"));
    BOOST_TEST(contains(message(R"({"version":1,"success":true,"saml_response":"x"})"), "has no id_token"));
    BOOST_TEST(contains(message("a.b.c"), "not a JSON object"));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_the_file) {
    auto const message = [&](std::string const& source) { return failure(account(source)).message; };
    BOOST_TEST(
        contains(message(R"({"environment_id":"aws1","url":"http://169.254.169.254/"})"), "suppliers::aws"));
    BOOST_TEST(contains(message(R"({"certificate":{}})"), "client certificate"));
    BOOST_TEST(contains(message("{}"), "without file, url or executable"));
    BOOST_TEST(contains(message("7"), "has no credential_source"));
    BOOST_TEST(contains(message(R"({"file":"/x","format":{"type":"xml"}})"), "format"));
    BOOST_TEST(contains(message(R"({"file":"/x","format":{"type":"json"}})"), "format"));
    auto const other = place.file("other.json", R"({"type":"service_account","private_key":"canary"})");
    auto const info = failure(suppliers::google_external_account(other));
    BOOST_TEST(contains(info.message, "is not the configuration of an external account"));
    BOOST_TEST(!contains(info.to_string(), "canary"));
    variable const allowed("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    BOOST_TEST(
        contains(message(R"({"executable":{"command":"x","timeout_millis":4999}})"), "timeout_millis"));
    BOOST_TEST(contains(message(R"({"executable":{"command":" "}})"), "without a command"));
}

BOOST_AUTO_TEST_CASE(is_found_by_the_variable_of_google) {
    BOOST_TEST(failure(suppliers::google_external_account()).option == "GOOGLE_APPLICATION_CREDENTIALS");
    place.file("token", "a.b.c");
    account(R"({"file":")" + (place.path() / "token").string() + "\"}");
    variable const path("GOOGLE_APPLICATION_CREDENTIALS", (place.path() / "account.json").string());
    BOOST_TEST(text(suppliers::google_external_account()) == "a.b.c");
}

BOOST_AUTO_TEST_SUITE_END()
