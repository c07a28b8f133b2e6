// Tokens that are bound to a key, from a service that verifies proofs (section N of doc/faults.md).
#include "client/bound_service.hpp"
#include "support/process.hpp"

#include <equinix/sts/testing/proof_verifier.hpp>

#include <boost/json/parse.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::dpop_binding;
using sts::error_kind;
using sts::signing_algorithm;
using sts::signing_key;
using sts::testing::mock_answer;
using sts::testing::nonce_rule;
using sts::testing::text_in;

namespace {

/// One RSA key with each of its algorithms.
std::pair<signing_key, signing_key> made_rsa() {
    folder const in;
    auto const path = in.file("rsa.pem", "");
    BOOST_REQUIRE(shell("openssl genpkey -algorithm RSA -out " + path + " 2>&1").exit_code == 0);
    return {signing_key::from_file(path), signing_key::from_file(path, {}, signing_algorithm::ps256)};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(dpop, bound)

BOOST_AUTO_TEST_CASE(a_proof_binds_the_token_to_its_key) {
    auto const sts_client = client();
    auto const got = exchange(sts_client, proved());
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->token_type == "DPoP");
    BOOST_TEST((got->proof_key() == key));
    BOOST_TEST(got->authorization().reveal().starts_with("DPoP "));
    auto const claims = boost::json::parse(*mock.claims(got->access_token.reveal())).as_object();
    BOOST_TEST(text_in(claims.at("cnf").as_object(), "jkt") == key.thumbprint());
}

BOOST_AUTO_TEST_CASE(each_algorithm_is_accepted_by_the_service) {
    auto const sts_client = client();
    for (auto const algorithm :
         {signing_algorithm::es256, signing_algorithm::es384, signing_algorithm::es512,
          signing_algorithm::eddsa, signing_algorithm::rs256, signing_algorithm::ps256}) {
        auto const got = exchange(sts_client, request().proof(signing_key::generate(algorithm)));
        BOOST_TEST(got.has_value(), to_string(algorithm));
        BOOST_TEST(got->token_type == "DPoP");
    }
}

BOOST_AUTO_TEST_CASE(a_token_serves_an_api_that_verifies) {
    auto const sts_client = client();
    auto const got = exchange(sts_client, proved());
    BOOST_REQUIRE(got.has_value());
    sts::testing::proof_rules rules;
    rules.nonces = nonce_rule::each;
    sts::testing::proof_verifier api(rules);
    std::string nonce;
    int calls = 0;
    for (bool again = true; again && calls < 3; ++calls) {
        auto const proof = got->proof("GET", "https://api.test/ports?page=1", nonce);
        auto const verdict =
            api.check("GET", "https://api.test/ports?page=1", proof, got->access_token.reveal());
        again = verdict.wants_nonce;
        nonce = sts::dpop_nonce(verdict.nonce).value_or("");
        if (!again) BOOST_TEST(verdict.refusal == "");
    }
    BOOST_TEST(calls == 2);
    sts::token other;
    other.bind(signing_key::generate());
    other.set_access_token(got->access_token.reveal());
    auto const stolen = api.check("GET", "https://api.test/", other.proof("GET", "https://api.test/", nonce),
                                  got->access_token.reveal());
    BOOST_TEST(stolen.refusal.find("not bound") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(N7_a_bound_token_without_a_proof_is_refused) {
    mock.next(mock_answer::with(200,
                                R"({"access_token":"t","token_type":"DPoP","expires_in":3600,)"
                                R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})"));
    auto const info = failure(client(one_attempt()));
    BOOST_TEST(info.kind == error_kind::malformed);
    BOOST_TEST(info.message.find("proof()") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(N8_a_bearer_token_is_taken_as_what_it_is_unless_binding_is_required) {
    bound unbinding([] {
        auto made = with(nonce_rule::none);
        made.binds_tokens = false;
        return made;
    }());
    auto const sts_client = unbinding.client();
    auto const got = unbinding.exchange(sts_client, unbinding.proved());
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->token_type == "Bearer");
    BOOST_TEST(!got->proof_key());
    BOOST_TEST(got->authorization().reveal().starts_with("Bearer "));
    auto const refused = unbinding.exchange(sts_client, unbinding.proved(dpop_binding::required));
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().kind == error_kind::malformed);
    BOOST_TEST(refused.error().message.find("dpop_binding::required") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(N9_each_sending_has_a_proof_of_its_own) {
    auto retrying = options();
    retrying.retry.base_delay = 1ns;
    auto const sts_client = client(retrying);
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::genuine().cut_after(0));
    BOOST_TEST(exchange(sts_client, proved()).has_value());
    mock.next(mock_answer::genuine().close_after(0)); // on a reused connection
    BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(identifiers().size() == 5U);
    BOOST_TEST(all_differ(identifiers()));
}

BOOST_AUTO_TEST_CASE(N9_a_replaced_connection_is_counted_whatever_the_key) {
    for (auto const algorithm : {signing_algorithm::es256, signing_algorithm::rs256}) {
        auto const sts_client = client(one_attempt());
        auto const asked = request().proof(signing_key::generate(algorithm));
        BOOST_TEST(exchange(sts_client, asked).has_value());
        mock.next(mock_answer::genuine().cut_after(0)); // on a reused connection
        BOOST_TEST(exchange(sts_client, asked).has_value());
        BOOST_TEST(sts_client.stats().replaced == 1U);
        for (auto const& one : sts_client.stats().addresses)
            BOOST_TEST((one.address != "127.0.0.1" || one.failures == 0)); // nothing listens at others
    }
}

BOOST_AUTO_TEST_CASE(N10_a_refused_proof_is_final) {
    mock.next(mock_answer::error(400, "invalid_dpop_proof", "the clock is wrong"));
    auto const sts_client = client();
    auto const info = exchange(sts_client, proved()).error();
    BOOST_TEST(info.oauth_error == "invalid_dpop_proof");
    BOOST_TEST(info.help() == "troubleshooting.md#invalid_dpop_proof");
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(N10_a_clock_that_is_off_is_named_as_the_likely_cause) {
    auto const refusal = mock_answer::error(400, "invalid_dpop_proof");
    auto const sts_client = client(one_attempt());
    mock.next(mock_answer(refusal).header("Date", "Sun, 06 Nov 1994 08:49:37 GMT"));
    BOOST_TEST(failure(sts_client, proved()).message.find("s ahead of the server's") != std::string::npos);
    mock.next(refusal);
    BOOST_TEST(failure(sts_client, proved()).message.find("clock") == std::string::npos);
    mock.next(mock_answer(refusal).header("Date", "Sun, 06 Nov 1994 08:49:37 GMT"));
    BOOST_TEST(failure(sts_client).message.find("clock") == std::string::npos); // nothing was signed
}

BOOST_AUTO_TEST_CASE(N12_the_key_is_part_of_a_caches_key) {
    sts::token_cache const tokens(client());
    auto const plain = request();
    auto const proved = [&](signing_key const& by, dpop_binding binding = dpop_binding::preferred) {
        return tokens.key_of(sts::exchange_request(plain).proof(by, binding));
    };
    auto const with_key = proved(key);
    BOOST_TEST((proved(key) == with_key));
    BOOST_TEST((proved(signing_key::generate()) != with_key));
    BOOST_TEST((proved(key, dpop_binding::required) != with_key));
    auto const rsa = made_rsa();
    BOOST_TEST((proved(rsa.first) != proved(rsa.second)));
    BOOST_TEST((tokens.key_of(plain) != with_key));
}

BOOST_AUTO_TEST_SUITE_END()
