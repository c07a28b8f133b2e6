// The rules of the mock service, request by request.
#include "testing/jwt.hpp"
#include "testing/token_endpoint.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace testing = equinix::sts::testing;
namespace json = boost::json;

namespace {

constexpr char form_type[] = "application/x-www-form-urlencoded";
std::string const grant = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
std::string const type = "&subject_token_type=urn:ietf:params:oauth:token-type:id_token";
std::string const exchange = grant + type + "&scope=s";

struct fixture {
    testing::mock_options options;
    testing::token_endpoint endpoint{options};

    std::string id_token(json::object const& claims = {}, std::string const& kid = "mock-es256") const {
        auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        json::object all;
        all["iss"] = json::string(options.issuer);
        all["aud"] = json::string(options.audience);
        all["sub"] = "me";
        all["exp"] = now + 600;
        for (auto const& member : claims)
            all[member.key()] = member.value();
        return testing::make_jwt(endpoint.id_token_key(testing::signature_algorithm::es256), kid, all);
    }

    testing::endpoint_answer post(std::string const& body, std::string_view authorization = "",
                                  std::string_view media_type = form_type) const {
        return endpoint.answer({"POST", "/use/token", media_type, authorization, body});
    }

    static std::string error(testing::endpoint_answer const& answer) {
        auto const body = json::parse(answer.body);
        auto const* const value = body.as_object().if_contains("error");
        return value == nullptr ? "" : std::string(value->as_string());
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_endpoint, fixture)

BOOST_AUTO_TEST_CASE(grants_a_token_for_a_good_exchange) {
    auto const answer = post(exchange + "&subject_token=" + id_token());
    BOOST_TEST(answer.status == 200U);
    auto const body = json::parse(answer.body).as_object();
    BOOST_TEST(body.at("token_type").as_string() == "Bearer");
    BOOST_TEST(body.at("issued_token_type").as_string() == "urn:ietf:params:oauth:token-type:access_token");
    BOOST_TEST(body.at("expires_in").as_int64() == 3600);
    auto const claims = endpoint.claims(std::string(body.at("access_token").as_string()));
    BOOST_REQUIRE(claims);
    BOOST_TEST(claims->at("sub").as_string() == "me");
    BOOST_TEST(claims->at("scope").as_string() == "s");
}

BOOST_AUTO_TEST_CASE(accepts_an_audience_in_a_list) {
    json::array names;
    names.emplace_back("other");
    names.emplace_back(json::string(options.audience));
    json::object claims;
    claims["aud"] = names;
    BOOST_TEST(post(exchange + "&subject_token=" + id_token(claims)).status == 200U);
}

BOOST_AUTO_TEST_CASE(refuses_an_id_token_that_is_not_good) {
    auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    auto const with = [&](char const* name, json::value value) {
        json::object claims;
        claims[name] = std::move(value);
        return id_token(claims);
    };
    auto changed = id_token();
    auto& middle_of_signature = changed[changed.size() - 40];
    middle_of_signature = middle_of_signature == 'A' ? 'B' : 'A';
    std::string const bad[] = {
        with("aud", "other"),
        with("iss", "https://other"),
        with("exp", now - 1),
        with("exp", nullptr),
        with("nbf", now + 60),
        with("sub", ""),
        id_token({}, "unknown"),
        changed,
        "a.b.c",
        "opaque",
        "eyJhbGciOiJub25lIn0.e30.",
    };
    for (auto const& token : bad) {
        auto const answer = post(exchange + "&subject_token=" + token);
        BOOST_TEST(answer.status == 400U, token);
        BOOST_TEST(error(answer) == "invalid_request", token);
    }
}

BOOST_AUTO_TEST_CASE(checks_each_field_of_the_form) {
    auto const token = "&subject_token=" + id_token();
    auto const saml = std::string("&subject_token_type=urn:ietf:params:oauth:token-type:saml2");
    std::pair<std::string, std::string> const bad[] = {
        {"", "invalid_request"},
        {"grant_type=password", "unsupported_grant_type"},
        {"scope=s" + token, "invalid_request"},
        {exchange, "invalid_request"},
        {exchange + token + "&scope=t", "invalid_request"},
        {exchange + token + "&x=1&x=2", "invalid_request"},
        {exchange + token + "&requested_token_type=urn:ietf:params:oauth:token-type:jwt", "invalid_request"},
        {exchange + token + "&resource=nowhere", "invalid_target"},
        {exchange + token + "&resource=https://a/%23f", "invalid_target"},
        {exchange + token + "&a%22%0a%ff=1&a%22%0a%ff=2", "invalid_request"},
        {exchange + token + "&x=%zz", "invalid_request"},
        {exchange + token + "&actor_token=a", "invalid_request"},
        {grant + "&scope=s" + token, "invalid_request"},
        {grant + type + token, "invalid_scope"},
        {grant + type + "&scope=a++b" + token, "invalid_scope"},
        {grant + saml + "&scope=s" + token, "invalid_request"},
    };
    for (auto const& [body, expected] : bad) {
        auto const answer = post(body);
        BOOST_TEST(answer.status == 400U, body);
        BOOST_TEST(error(answer) == expected, body);
    }
    BOOST_TEST(post(exchange + token + "&resource=https://a&resource=https://b").status == 200U);
    BOOST_TEST(
        post(exchange + token + "&actor_token=a&actor_token_type=urn:ietf:params:oauth:token-type:id_token")
            .status == 400U);
    BOOST_TEST(post(exchange + token + "&x=&y=&y").status == 400U); // twice, even if empty
    BOOST_TEST(post(exchange + token + "&x=&y=").status == 200U);   // without a value is absent
}

BOOST_AUTO_TEST_CASE(checks_method_path_and_media_type) {
    auto const body = exchange + "&subject_token=" + id_token();
    BOOST_TEST(endpoint.answer({"GET", "/use/token", form_type, "", body}).status == 405U);
    BOOST_TEST(endpoint.answer({"POST", "/other", form_type, "", body}).status == 404U);
    BOOST_TEST(post(body, "", "application/json").status == 400U);
    BOOST_TEST(post(body, "", "").status == 400U);
    BOOST_TEST(post(body, "", "Application/X-WWW-Form-URLEncoded; charset=UTF-8").status == 200U);
}

BOOST_AUTO_TEST_CASE(authenticates_the_client_of_client_credentials) {
    std::string const credentials = "grant_type=client_credentials&scope=s";
    std::string const basic = "Basic bW9jay1jbGllbnQ6bW9jay1zZWNyZXQ=";
    auto const answer = post(credentials + "&client_id=mock-client&client_secret=mock-secret");
    BOOST_TEST(answer.status == 200U);
    BOOST_TEST(!json::parse(answer.body).as_object().contains("issued_token_type"));
    BOOST_TEST(post(credentials, basic).status == 200U);
    BOOST_TEST(post(credentials, "bAsIc " + basic.substr(6)).status == 200U);
    BOOST_TEST(post(credentials + "&client_id=other", basic).status == 401U);
    BOOST_TEST(post(credentials + type + "&subject_token=" + id_token()).status == 200U);
    testing::endpoint_answer const refusals[] = {
        post(credentials), post(credentials + "&client_id=mock-client&client_secret=x"),
        post(credentials + "&client_id=x&client_secret=mock-secret"), post(credentials, "Basic eDp5"),
        post(credentials + "&client_id=mock-client&client_secret=mock-secret", basic)};
    for (auto const& refused : refusals) {
        BOOST_TEST(refused.status == 401U);
        BOOST_TEST(error(refused) == "invalid_client");
    }
}

BOOST_AUTO_TEST_CASE(wants_its_bearer_token_when_it_has_one) {
    options.bearer = "abc";
    testing::token_endpoint const guarded(options);
    std::string const body =
        "grant_type=client_credentials&scope=s&client_id=mock-client&client_secret=mock-secret";
    BOOST_TEST(guarded.answer({"POST", "/use/token", form_type, "", body}).status == 401U);
    BOOST_TEST(guarded.answer({"POST", "/use/token", form_type, "Bearer abd", body}).status == 401U);
    BOOST_TEST(guarded.answer({"POST", "/use/token", form_type, "Bearer abc", body}).status == 200U);
}

BOOST_AUTO_TEST_CASE(knows_its_own_access_tokens_only) {
    BOOST_TEST(!endpoint.claims("opaque").has_value());
    BOOST_TEST(!endpoint.claims(id_token()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(jwt)

BOOST_AUTO_TEST_CASE(verifies_what_it_signed_and_nothing_else) {
    for (auto const algorithm : {testing::signature_algorithm::es256, testing::signature_algorithm::rs256}) {
        testing::named_key const key(algorithm, "k");
        testing::named_key const other(algorithm, "k");
        auto const parsed = testing::parse_jwt(testing::make_jwt(key, "k", json::object()));
        BOOST_REQUIRE(parsed);
        BOOST_TEST(key.verify(parsed->signing_input, parsed->signature));
        BOOST_TEST(!other.verify(parsed->signing_input, parsed->signature));
        BOOST_TEST(!key.verify(parsed->signing_input + "x", parsed->signature));
        BOOST_TEST(!key.verify(parsed->signing_input, parsed->signature.substr(1)));
        BOOST_TEST(!key.verify(parsed->signing_input, ""));
    }
}

BOOST_AUTO_TEST_SUITE_END()
