// The bytes that reach the service, beside those of the real curl.
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/service.hpp"

using namespace test;

namespace {

std::string body_of(std::string const& request) {
    return request.substr(request.find("\r\n\r\n") + 4);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(wire, service)

BOOST_AUTO_TEST_CASE(H1_the_request_is_exactly_these_bytes) {
    auto const id_token = mock.id_token();
    auto const asked = sts::exchange_request(sts::subject_token(id_token))
                           .scope(sts::scope::org_policies_and_role_assignments("1"));
    BOOST_TEST(exchange(client(), asked).has_value());
    auto const form = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
                      "&scope=orgpolicies%3A1+roleassignments%3A1&subject_token=" +
                      id_token + "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token";
    auto const expected = "POST /use/token HTTP/1.1\r\nHost: localhost:" + std::to_string(mock.port()) +
                          "\r\nUser-Agent: equinix-sts-cpp/" EQUINIX_STS_VERSION
                          "\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded"
                          "\r\nContent-Length: " +
                          std::to_string(form.size()) + "\r\n\r\n" + form;
    BOOST_REQUIRE(mock.raw_requests().size() == 1U);
    BOOST_TEST(mock.raw_requests()[0] == expected);
}

BOOST_AUTO_TEST_CASE(the_form_is_encoded_as_curl_does_it) {
    folder const in;
    auto const ca = in.file("ca.pem", mock.ca_pem());
    std::string every_byte;
    for (int c = 0; c < 256; ++c)
        every_byte += static_cast<char>(c);
    std::string const values[] = {"a b",
                                  "+",
                                  "&",
                                  "=",
                                  "%",
                                  "~",
                                  "*",
                                  "a&b=c%d+e f~g*h",
                                  "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x91",
                                  std::string("a\0b", 3),
                                  every_byte,
                                  std::string(16384, 'e') + "." + std::string(10, '-') + "_"};
    auto const sts_client = client();
    for (auto const& value : values) {
        auto const asked = sts::exchange_request::client_credentials().parameter("v", value);
        auto const ours = exchange(sts_client, asked);
        auto const curl = shell("curl -sS --cacert '" + ca +
                                "' --data-urlencode grant_type=client_credentials --data-urlencode 'v@" +
                                in.file("value", value) + "' " + mock.url());
        BOOST_TEST(curl.exit_code == 0);
        auto const requests = mock.raw_requests();
        BOOST_REQUIRE(requests.size() >= 2U);
        BOOST_TEST(body_of(requests[requests.size() - 2]) == body_of(requests.back()));
        // And the same answer, since the service sees the same form.
        BOOST_REQUIRE(ours.has_error());
        BOOST_TEST(contains(curl.output, "\"" + ours.error().oauth_error + "\""), curl.output);
    }
}

BOOST_AUTO_TEST_SUITE_END()
