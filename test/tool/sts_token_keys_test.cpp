// Keys of the command sts-token: proofs of possession and client assertions.
#include "tool/sts_token_fixture.hpp"

#include <equinix/sts/keys.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/testing/proof_verifier.hpp>

#include <string>
#include <utility>

using namespace test;

BOOST_FIXTURE_TEST_SUITE(sts_token_command, sts_token_fixture)

BOOST_AUTO_TEST_CASE(binds_a_token_to_a_key_and_proves_a_call_with_it) {
    auto const pem = in.file("key.pem", "");
    shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + pem + " 2>&1");
    auto const got = line(sts_token(usual + " --dpop-key " + pem));
    BOOST_TEST(got.at("token_type").as_string() == "DPoP");
    BOOST_TEST(got.at("jkt").as_string().size() == 43U);
    BOOST_TEST(line(sts_token(usual + " --dpop-key file:" + pem)).at("jkt") == got.at("jkt"));
    auto const unkept = sts_token(usual + " --dpop-required");
    BOOST_TEST(unkept.output.find("a key that ends with this command") != std::string::npos, unkept.output);
    BOOST_TEST(unkept.output.find("\"token_type\":\"DPoP\"") != std::string::npos, unkept.output);

    auto const lines =
        sts_token(usual + " --dpop --output header --api 'GET https://api.example.test/v1/ports?a=b'");
    BOOST_TEST(lines.exit_code == 0, lines.output);
    BOOST_REQUIRE(lines.output.starts_with("Authorization: DPoP ey"));
    auto const token = lines.output.substr(20, lines.output.find('\n') - 20);
    auto const proof = lines.output.substr(lines.output.find("\nDPoP: ") + 7);
    testing::proof_verifier api;
    auto const verdict =
        api.check("GET", "https://api.example.test/v1/ports", proof.substr(0, proof.find('\n')), token);
    BOOST_TEST(verdict.refusal == "");
}

BOOST_AUTO_TEST_CASE(authenticates_the_client_by_assertions) {
    auto const key = in.file("key.pem", "");
    shell("openssl genpkey -algorithm ED25519 -aes256 -pass pass:correct -out " + key + " 2>&1");
    auto const passphrase = in.file("passphrase", "correct\n");
    testing::mock_options options;
    options.client_jwk = equinix::sts::signing_key::from_file(key, [] {
                             return equinix::sts::secret("correct");
                         }).public_jwk();
    testing::mock_sts const service(options);
    auto const arguments = "--url " + service.url() + " --ca-file " + in.file("ca2.pem", service.ca_pem()) +
                           " --scope s --client-id mock-client --client-assertion-key " + key;
    auto const with = arguments + " --client-key-passphrase-file " + passphrase;
    BOOST_TEST(line(sts_token(with)).contains("access_token"));
    BOOST_TEST(line(sts_token(with + " --client-auth private-key-jwt")).contains("access_token"));
    BOOST_TEST(kind(sts_token(arguments)) == "config"); // encrypted
    auto const verbose = sts_token(with + " --verbose");
    BOOST_TEST(verbose.output.find("client_assertion=[redacted], by EdDSA, key ") != std::string::npos);
    auto const other = sts_token(with + " --client-assertion-audience https://other.test");
    BOOST_TEST(kind(other) == "oauth");
}

BOOST_AUTO_TEST_CASE(refuses_options_of_keys_that_do_not_go_together) {
    constexpr std::pair<char const*, char const*> wrong[] = {
        {"--client-auth private-key-jwt", "needs --client-assertion-key"},
        {"--client-assertion-key k --client-secret-file f --client-id i", "exclude each other"},
        {"--client-assertion-key k --client-auth basic --client-id i", "needs --client-auth private-key-jwt"},
        {"--client-assertion-key k", "needs --client-id"},
        {"--client-assertion-key-id k", "need --client-assertion-key"},
        {"--signing-alg RS256", "needs --dpop"},
        {"--signing-alg HS256 --dpop", "RS256"},
        {"--api 'GET https://a.test' --dpop", "needs --output header"},
        {"--api 'GET https://a.test' --output header", "needs --dpop"},
        {"--api GET --output header --dpop", "needs a method and a URL"},
        {"--api 'get https://a.test' --output header --dpop", "capital letters"},
        {"--api 'GET a.test' --output header --dpop", "needs a whole URL"},
        {"--api 'GET https://a.test' --output header --dpop --requested-token-type t", "exclude each other"},
        {"--client-key-passphrase-file f", "--dpop-key"}};
    for (auto const& [arguments, cause] : wrong) {
        auto const result = sts_token(std::string("--scope s ") + arguments);
        BOOST_TEST(result.exit_code == 2, arguments);
        BOOST_TEST(result.output.find(cause) != std::string::npos, result.output);
    }
}

BOOST_AUTO_TEST_SUITE_END()
