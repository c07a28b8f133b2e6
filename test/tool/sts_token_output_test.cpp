// What the command sts-token prints: a token in each form, and nothing that a terminal would obey.
#include "support/refused.hpp"
#include "tool/sts_token_fixture.hpp"

#include <algorithm>
#include <string>

using namespace test;

BOOST_FIXTURE_TEST_SUITE(sts_token_command, sts_token_fixture)

BOOST_AUTO_TEST_CASE(prints_the_answers_members_as_json) {
    auto const result = sts_token(usual);
    BOOST_TEST(result.exit_code == 0);
    auto const got = line(result);
    BOOST_TEST(mock.claims(std::string(got.at("access_token").as_string())).has_value());
    BOOST_TEST(got.at("token_type").as_string() == "Bearer");
    BOOST_TEST(got.at("issued_token_type").as_string() == "urn:ietf:params:oauth:token-type:access_token");
    BOOST_TEST(got.at("expires_in").as_int64() == 3600);
}

BOOST_AUTO_TEST_CASE(prints_the_bare_token_or_a_header) {
    auto const bare = sts_token(usual + " --output token");
    BOOST_TEST(bare.exit_code == 0);
    BOOST_TEST(mock.claims(bare.output.substr(0, bare.output.size() - 1)).has_value());
    auto const header = sts_token(usual + " --output=header");
    BOOST_TEST(header.output.starts_with("Authorization: Bearer ey"));
}

BOOST_AUTO_TEST_CASE(prints_nothing_of_the_services_that_drives_a_terminal) {
    mock.next(testing::mock_answer::genuine().body(
        "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"issued_token_type\":"
        "\"urn:ietf:params:oauth:token-type:access_token\",\"scope\":"
        "\"a\\u009b31m\\u007f\\u202e\\ud83d\\ude00\"}"));
    auto const result = sts_token(usual);
    BOOST_TEST(std::all_of(result.output.begin(), result.output.end(),
                           [](unsigned char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
    BOOST_TEST(line(result).at("scope").as_string() ==
               "a\u009b31m\u007f\u202e\U0001F600"); // and means the same
}

BOOST_AUTO_TEST_CASE(prints_json_of_a_path_that_is_no_text) {
    for (std::string const path : {"/caf\xC3\"", "/caf\xE9", "/caf\xF0\x9F", "/\x80"}) {
        auto const result = sts_token(subject + " --ca-file '" + path + "'");
        auto const said = std::string(line(result).at("error").as_object().at("message").as_string());
        BOOST_TEST(contains(said, "\uFFFD"), result.output);
        BOOST_TEST(contains(said, "No such file"), result.output);
    }
}

BOOST_AUTO_TEST_CASE(H23_prints_what_is_no_access_token_but_makes_no_header_of_it) {
    auto const asked = usual + " --requested-token-type urn:ietf:params:oauth:token-type:id-jag";
    BOOST_TEST(line(sts_token(asked)).at("token_type").as_string() == "N_A");
    auto const header = sts_token(asked + " --output header");
    BOOST_TEST(header.exit_code == code_of(error_kind::config));
    BOOST_TEST(contains(header.output, "N_A"), header.output);
    BOOST_TEST(!contains(header.output, "Authorization: "), header.output);
}

BOOST_AUTO_TEST_CASE(fails_when_its_output_cannot_be_written) {
    auto const result = shell(std::string(STS_TOKEN) + " " + usual + " 2>/dev/null >/dev/full");
    BOOST_TEST(result.exit_code == 1);
}

BOOST_AUTO_TEST_CASE(shows_no_secret_when_verbose) {
    auto const result = shell(std::string(STS_TOKEN) + " " + usual + " --verbose 2>&1 >/dev/null");
    BOOST_TEST(contains(result.output, "[redacted"));
    BOOST_TEST(contains(result.output, " ms: a token"));
    BOOST_TEST(contains(result.output, "full TLS handshake"));
    BOOST_TEST(!contains(result.output, "eyJ"));
}

BOOST_AUTO_TEST_SUITE_END()
