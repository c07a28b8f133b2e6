// What a verifier of proofs accepts and refuses (RFC 9449 section 4.3).
#include "base/base64.hpp"
#include "values/jwk.hpp"
#include "values/proof.hpp"

#include <equinix/sts/testing/proof_verifier.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace sts = equinix::sts;
namespace base = equinix::sts::base;
namespace json = boost::json;
using sts::testing::nonce_rule;
using sts::testing::proof_verifier;

namespace {

constexpr char url[] = "https://api.test/ports";

struct maker {
    sts::signing_key key = sts::signing_key::generate();

    /// A proof that is right, except for what is changed.
    std::string
    with(std::function<void(json::object& header, json::object& claims)> const& change = {}) const {
        json::object header{{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", json::parse(key.public_jwk())}};
        json::object claims{{"jti", std::to_string(++count)}, {"htm", "GET"}, {"htu", url}, {"iat", now()}};
        if (change) change(header, claims);
        auto const text =
            base::base64url(json::serialize(header)) + "." + base::base64url(json::serialize(claims));
        return text + "." + base::base64url(key.sign(text));
    }
    static std::int64_t now() {
        return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    }
    std::string refusal(std::function<void(json::object&, json::object&)> const& change) const {
        return proof_verifier().check("GET", url, with(change)).refusal;
    }

    mutable int count = 0;
};

bool contains(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(proofs_are_verified, maker)

BOOST_AUTO_TEST_CASE(a_right_proof_is_accepted_once) {
    proof_verifier api;
    auto const proof = with();
    auto const verdict = api.check("GET", url, proof);
    BOOST_TEST(verdict.refusal == "");
    BOOST_TEST(verdict.thumbprint == key.thumbprint());
    BOOST_TEST(contains(api.check("GET", url, proof).refusal, "used before"));
}

BOOST_AUTO_TEST_CASE(each_part_must_be_right) {
    using object = json::object;
    BOOST_TEST(contains(proof_verifier().check("GET", url, "").refusal, "no proof"));
    BOOST_TEST(contains(proof_verifier().check("GET", url, with() + "," + with()).refusal, "not one JWT"));
    BOOST_TEST(contains(proof_verifier().check("POST", url, with()).refusal, "htm"));
    BOOST_TEST(contains(proof_verifier().check("GET", "https://api.test/other", with()).refusal, "htu"));
    BOOST_TEST(contains(refusal([](object& h, object&) { h["typ"] = "JWT"; }), "typ"));
    BOOST_TEST(contains(refusal([](object& h, object&) { h["alg"] = "none"; }), "algorithm"));
    BOOST_TEST(contains(refusal([](object& h, object&) { h["alg"] = "ES384"; }), "signature"));
    BOOST_TEST(contains(refusal([](object& h, object&) { h["crit"] = "x"; }), "extension"));
    BOOST_TEST(contains(refusal([](object& h, object&) { h.erase("jwk"); }), "no jwk"));
    BOOST_TEST(contains(refusal([](object& h, object&) { h["jwk"].as_object()["d"] = "x"; }), "private key"));
    BOOST_TEST(contains(refusal([](object&, object& c) { c.erase("jti"); }), "jti"));
    BOOST_TEST(contains(refusal([](object&, object& c) { c["iat"] = now() - 61; }), "iat"));
    BOOST_TEST(contains(refusal([](object&, object& c) { c["iat"] = 1e30; }), "iat"));
    BOOST_TEST(contains(refusal([](object&, object& c) { c["iat"] = INT64_MIN; }), "iat"));
    BOOST_TEST(refusal([](object&, object& c) { c["iat"] = static_cast<double>(now()) + 0.5; }) == "");
    BOOST_TEST(refusal([](object&, object& c) { c["htu"] = "HTTPS://API.test:443/ports?page=2"; }) == "");
}

BOOST_AUTO_TEST_CASE(a_small_rsa_key_is_refused) {
    auto proof = with([](json::object& header, json::object&) {
        header["alg"] = "RS256";
        header["jwk"] = json::object{{"kty", "RSA"}, {"e", "AQAB"}, {"n", std::string(86, 'A') + "E"}};
    });
    BOOST_TEST(contains(proof_verifier().check("GET", url, proof).refusal, "signature"));
}

BOOST_AUTO_TEST_CASE(a_token_must_be_bound_to_the_key_and_hashed) {
    auto const token = [&](std::string const& thumbprint) {
        return "e30." + base::base64url(R"({"cnf":{"jkt":")" + thumbprint + "\"}}") + ".AA";
    };
    auto const proof_for = [&](std::string const& one) {
        return with(
            [&](json::object&, json::object& claims) { claims["ath"] = sts::values::sha256_base64url(one); });
    };
    auto const mine = token(key.thumbprint()), another = token("other");
    BOOST_TEST(proof_verifier().check("GET", url, proof_for(mine), mine).refusal == "");
    BOOST_TEST(
        contains(proof_verifier().check("GET", url, proof_for(another), another).refusal, "not bound"));
    BOOST_TEST(contains(proof_verifier().check("GET", url, with(), mine).refusal, "ath"));
}

BOOST_AUTO_TEST_CASE(nonces_last_or_serve_once) {
    auto const nonced = [&](std::string const& nonce) {
        return with([&](json::object&, json::object& claims) { claims["nonce"] = nonce; });
    };
    proof_verifier lasting(nonce_rule::lasting), each(nonce_rule::each);
    for (auto* const api : {&lasting, &each}) {
        auto const first = api->check("GET", url, with());
        BOOST_TEST(first.wants_nonce);
        BOOST_TEST(api->check("GET", url, nonced(first.nonce)).refusal == "");
        BOOST_TEST(api->check("GET", url, nonced(first.nonce)).refusal.empty() == (api == &lasting));
    }
    auto const old = lasting.check("GET", url, with()).nonce;
    lasting.renew_nonce();
    BOOST_TEST(lasting.check("GET", url, nonced(old)).wants_nonce);
}

BOOST_AUTO_TEST_SUITE_END()
