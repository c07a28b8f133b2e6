// Proofs of possession and client assertions: what they say (section N of doc/faults.md).
#include "support/refused.hpp"
#include "testing/claims.hpp"
#include "testing/jwt.hpp"
#include "testing/public_key.hpp"
#include "values/jwk.hpp"
#include "values/proof.hpp"

#include <equinix/sts/dpop.hpp>
#include <equinix/sts/token.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <set>
#include <string>

namespace sts = equinix::sts;
namespace values = equinix::sts::values;
using namespace std::chrono_literals;
using sts::signing_key;
using sts::testing::number_in;
using sts::testing::parse_jwt;
using sts::testing::text_in;

namespace {

auto const moment = std::chrono::system_clock::time_point(1'700'000'000s);

sts::token bound(signing_key const& key) {
    sts::token one;
    one.bind(key);
    one.set_access_token("abc.def");
    return one;
}

} // namespace

BOOST_AUTO_TEST_SUITE(proofs)

BOOST_AUTO_TEST_CASE(says_which_request_it_is_for) {
    auto const key = signing_key::generate();
    values::proof_claims about;
    about.method = "POST";
    about.target = "https://sts.test/use/token";
    auto const proof = parse_jwt(values::make_proof(key, about, moment + 900ms));
    BOOST_REQUIRE(proof);
    BOOST_TEST(text_in(proof->header, "typ") == "dpop+jwt");
    BOOST_TEST(text_in(proof->header, "alg") == "ES256");
    auto const& jwk = proof->header.at("jwk").as_object();
    BOOST_TEST(jwk.size() == 4U); // the public members alone
    BOOST_TEST(sts::testing::is_signed_by(jwk, *proof));
    BOOST_TEST(text_in(proof->claims, "htm") == "POST");
    BOOST_TEST(text_in(proof->claims, "htu") == "https://sts.test/use/token");
    BOOST_TEST((number_in(proof->claims, "iat") == 1'700'000'000));
    BOOST_TEST(text_in(proof->claims, "jti").size() == 22U);
    BOOST_TEST(!proof->claims.contains("nonce"));
    BOOST_TEST(!proof->claims.contains("ath"));
}

BOOST_AUTO_TEST_CASE(no_two_have_the_same_identifier) {
    auto const key = signing_key::generate(sts::signing_algorithm::eddsa);
    std::set<std::string> all;
    for (int i = 0; i < 2000; ++i)
        all.insert(
            text_in(parse_jwt(values::make_proof(key, {"POST", "https://sts.test/", {}, {}}, moment))->claims,
                    "jti"));
    BOOST_TEST(all.size() == 2000U);
}

// RFC 9449 section 4.2 and RFC 3986 section 6.2.
BOOST_AUTO_TEST_CASE(N1_the_target_is_normalised_and_has_neither_query_nor_fragment) {
    constexpr std::pair<char const*, char const*> urls[] = {
        {"https://sts.test/use/token", "https://sts.test/use/token"},
        {"https://sts.test/use/token?a=b#c", "https://sts.test/use/token"},
        {"HTTPS://STS.Test:443", "https://sts.test/"},
        {"http://sts.test:80/", "http://sts.test/"},
        {"https://sts.test:80/", "https://sts.test:80/"},
        {"https://sts.test:/x", "https://sts.test/x"},
        {"https://sts.test/a/../b/./c", "https://sts.test/b/c"},
        {"https://sts.test/%7euser/%2f", "https://sts.test/~user/%2F"},
        {"https://sts.test/a/..", "https://sts.test/"},
        {"https://sts.test/../a/.", "https://sts.test/a/"},
        {"https://sts.test/a//b/", "https://sts.test/a//b/"},
        {"https://sts.test/%e2%82%ac/%41", "https://sts.test/%E2%82%AC/A"},
        {"https://user:secret@sts.test/x", "https://sts.test/x"},
        {"https://[::1]:8443/x", "https://[::1]:8443/x"}};
    for (auto const& [given, expected] : urls)
        BOOST_TEST(values::proof_target(given).value_or("") == expected, given);
    for (auto const* const wrong :
         {"", "/use/token", "ftp://sts.test/", "mailto:me@sts.test", "https:///x", "no url"})
        BOOST_TEST(!values::proof_target(wrong), wrong);
}

BOOST_AUTO_TEST_CASE(a_call_of_an_api_is_proved_with_the_hash_of_its_token) {
    auto const key = signing_key::generate();
    auto const token = bound(key);
    BOOST_TEST(token.token_type == "DPoP");
    BOOST_TEST(token.authorization().reveal() == "DPoP abc.def");
    auto const proof = parse_jwt(token.proof("GET", "https://api.test/v1/ports?page=2", "a-nonce"));
    BOOST_REQUIRE(proof);
    BOOST_TEST(text_in(proof->claims, "htm") == "GET");
    BOOST_TEST(text_in(proof->claims, "htu") == "https://api.test/v1/ports");
    BOOST_TEST(text_in(proof->claims, "nonce") == "a-nonce");
    BOOST_TEST(text_in(proof->claims, "ath") == values::sha256_base64url("abc.def"));
    BOOST_TEST((token.proof_key() == key));
}

BOOST_AUTO_TEST_CASE(N2_a_proof_that_cannot_be_made_says_why) {
    auto const token = bound(signing_key::generate());
    auto const why = [](auto make) { return test::refusal(make); };
    BOOST_TEST(why([&] { token.proof("", "https://api.test/"); }).find("method") != std::string::npos);
    BOOST_TEST(why([&] { token.proof("GET /", "https://api.test/"); }).find("method") != std::string::npos);
    BOOST_TEST(why([&] { token.proof("GET", "/v1"); }).find("URL") != std::string::npos);
    BOOST_TEST(why([&] { token.proof("GET", "https://api.test/", "a b"); }).find("nonce") !=
               std::string::npos);
    sts::token plain;
    plain.token_type = "Bearer";
    plain.set_access_token("abc");
    BOOST_TEST(why([&] { plain.proof("GET", "https://api.test/"); }).find("not bound") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_assertion_names_the_client_and_its_audience) {
    auto const key = signing_key::generate(sts::signing_algorithm::es384);
    sts::assertion_options options;
    options.key_id = "key-1";
    auto how = sts::client_authentication::private_key_jwt("the \"client\"", key, options);
    auto const made = parse_jwt(values::make_assertion(how, "https://sts.test/use/token", moment));
    BOOST_REQUIRE(made);
    BOOST_TEST(text_in(made->header, "typ") == "client-authentication+jwt");
    BOOST_TEST(text_in(made->header, "alg") == "ES384");
    BOOST_TEST(text_in(made->header, "kid") == "key-1");
    BOOST_TEST(text_in(made->claims, "iss") == "the \"client\"");
    BOOST_TEST(text_in(made->claims, "sub") == "the \"client\"");
    BOOST_TEST(text_in(made->claims, "aud") == "https://sts.test/use/token");
    BOOST_TEST((number_in(made->claims, "iat") == 1'700'000'000));
    BOOST_TEST((number_in(made->claims, "exp") == 1'700'000'060));
    BOOST_TEST(text_in(made->claims, "jti").size() == 22U);
    options.audience = "https://issuer.test";
    options.lifetime = 5min;
    options.key_id.clear();
    how = sts::client_authentication::private_key_jwt("client", key, options);
    auto const other = parse_jwt(values::make_assertion(how, "https://sts.test/use/token", moment));
    BOOST_TEST(text_in(other->claims, "aud") == "https://issuer.test");
    BOOST_TEST((number_in(other->claims, "exp") == 1'700'000'300));
    BOOST_TEST(!other->header.contains("kid"));
}

BOOST_AUTO_TEST_SUITE_END()
