// The token in the answer to a fetch: where it is, and what is said when it is not there.
#include "core/fetched_token.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sts = equinix::sts;
namespace core = sts::core;

namespace {

core::answer answer(unsigned status, std::string_view body) {
    core::answer made;
    made.status = status;
    made.body = body;
    return made;
}

sts::result<sts::secret> token_at(std::string_view pointer, std::string_view body) {
    auto path = core::parse_json_pointer(pointer);
    BOOST_REQUIRE(path.has_value());
    return core::judge_fetched(answer(200, body), core::fetched_part::token(*path), {});
}

std::string text_at(std::string_view pointer, std::string_view body) {
    auto const got = token_at(pointer, body);
    BOOST_REQUIRE(got.has_value());
    return std::string(got->reveal());
}

std::string message_at(std::string_view pointer, std::string_view body) {
    auto const got = token_at(pointer, body);
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(int(got.error().kind) == int(sts::error_kind::malformed));
    return got.error().message;
}

std::string refused(unsigned status, std::string_view body) {
    auto const got = core::judge_fetched(answer(status, body), core::fetched_part::document(), {});
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().http_status == status);
    return got.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(fetched_token)

BOOST_AUTO_TEST_CASE(a_pointer_names_a_member_of_a_member) {
    BOOST_TEST(text_at("/data/token",
                       R"({"token":"no","data":{"ttl":3600,"token":"yes"},"x":{"token":"no"}})") == "yes");
    BOOST_TEST(
        text_at("/a/b/c/d", R"({"a":{"b":{"d":"no","c":{"d":"yes","e":{"d":"no"}},"d":"no"}},"d":"no"})") ==
        "yes");
}

BOOST_AUTO_TEST_CASE(a_pointer_names_an_element_of_an_array) {
    constexpr std::string_view body =
        R"({"tokens":["a",["b"],{"value":"c"},7,null,true,[],{},"d\u0065"],"after":[{"value":"f"}]})";
    BOOST_TEST(text_at("/tokens/0", body) == "a");
    BOOST_TEST(text_at("/tokens/1/0", body) == "b");
    BOOST_TEST(text_at("/tokens/2/value", body) == "c");
    BOOST_TEST(text_at("/tokens/8", body) == "de");
    BOOST_TEST(text_at("/after/0/value", body) == "f");
}

BOOST_AUTO_TEST_CASE(digits_name_a_member_of_an_object_too) {
    BOOST_TEST(text_at("/a/0", R"({"a":{"1":"no","0":"yes"}})") == "yes");
}

BOOST_AUTO_TEST_CASE(what_a_pointer_does_not_find_is_named) {
    for (std::string_view const body :
         {R"({"data":{"other":"x"}})", R"({"data":"token"})", R"({"data":["token"]})",
          R"({"data":{"token":7}})", R"({"data":{"token":{"token":"x"}}})", "{}", R"({"token":"x"})",
          R"({"other":{"data":{"token":"x"}}})"}) {
        BOOST_TEST_CONTEXT(body)
        BOOST_TEST(message_at("/data/token", body) ==
                   "the response contains no token: its member 'data/token' is missing or not a string");
    }
    BOOST_TEST(message_at("/list/1", R"({"list":["x"]})") ==
               "the response contains no token: its member 'list/1' is missing or not a string");
}

BOOST_AUTO_TEST_CASE(a_name_that_occurs_twice_on_the_way_is_refused) {
    for (std::string_view const body :
         {R"({"data":{"token":"a","token":"b"}})", R"({"data":{"token":"a"},"data":{"token":"b"}})",
          R"({"data":7,"data":{"token":"b"}})", "[]", "", R"({"data")"}) {
        BOOST_TEST_CONTEXT(body)
        BOOST_TEST(message_at("/data/token", body) ==
                   "the response contains no token: it is not a JSON object, or contains 'data/token' twice");
    }
}

BOOST_AUTO_TEST_CASE(a_pointer_is_read_as_rfc_6901_says) {
    using path = std::vector<std::string>;
    auto const read = [](std::string_view text) {
        return core::parse_json_pointer(text).value_or(path{"none"});
    };
    BOOST_TEST(read("/a") == (path{"a"}), boost::test_tools::per_element());
    BOOST_TEST(read("/") == (path{""}), boost::test_tools::per_element());
    BOOST_TEST(read("/a~1b/m~0n/~01") == (path{"a/b", "m~n", "~1"}), boost::test_tools::per_element());
    BOOST_TEST(read("/a//b/") == (path{"a", "", "b", ""}), boost::test_tools::per_element());
    for (std::string_view const wrong : {"", "a", "a/b", "/~", "/a~2", "/~a", "#/a"})
        BOOST_TEST(!core::parse_json_pointer(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(a_document_is_taken_as_it_is) {
    auto const got = core::judge_fetched(answer(200, " <a>b c</a>\n"), core::fetched_part::document(), {});
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->reveal() == " <a>b c</a>\n");
}

BOOST_AUTO_TEST_CASE(an_error_names_the_code_of_aws_and_quotes_nothing_else) {
    constexpr std::string_view plain = "an unexpected status instead of a token";
    BOOST_TEST(
        refused(403,
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:..."
                "</Message></Error></ErrorResponse>") == std::string(plain) + " (AccessDenied)");
    for (std::string_view const body :
         {"", "AccessDenied", "<Code>", "<Code></Code>", "<Code>a b</Code>", "<Code>unfinished",
          "</Code><Code>backwards", "<Code>a<Code>b</Code>"})
        BOOST_TEST(refused(403, body) == plain, body);
    BOOST_TEST(refused(403, R"({"code":"NoRole","message":"..."})") == std::string(plain) + " (NoRole)");
    BOOST_TEST(refused(401, R"({"Code":"Expired"})") == std::string(plain) + " (Expired)");
    BOOST_TEST(refused(503, "<Code>Busy</Code>") == "no token is available now (Busy)");
    BOOST_TEST(core::judge_fetched(answer(403, "<Code>AccessDenied</Code>"), core::fetched_part::token(), {})
                   .error()
                   .message == plain); // of a service that is not AWS
    BOOST_TEST(refused(403, "<Code>" + std::string(64, 'x') + "</Code>") ==
               std::string(plain) + " (" + std::string(64, 'x') + ")");
    BOOST_TEST(refused(403, "<Code>" + std::string(65, 'x') + "</Code>") == plain);
}

BOOST_AUTO_TEST_SUITE_END()
