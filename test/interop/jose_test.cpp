// What is signed here is verified by another implementation, npm's jose: each algorithm, proofs and
// assertions.
#include "interop/server_process.hpp"
#include "support/process.hpp"
#include "values/proof.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace test;
namespace sts = equinix::sts;
namespace json = boost::json;
using sts::signing_algorithm;
using sts::signing_key;

BOOST_AUTO_TEST_SUITE(jose)

BOOST_AUTO_TEST_CASE(proofs_and_assertions_of_each_algorithm_are_verified, *needs({"node", "jose"})) {
    folder const in;
    auto const now = std::chrono::system_clock::now();
    std::string lines, expected;
    for (auto const algorithm :
         {signing_algorithm::es256, signing_algorithm::es384, signing_algorithm::es512,
          signing_algorithm::eddsa, signing_algorithm::rs256, signing_algorithm::ps256}) {
        auto const key = signing_key::generate(algorithm);
        sts::values::proof_claims about;
        about.method = "POST";
        about.target = "https://sts.test/use/token";
        about.nonce = "a-nonce";
        about.access_token = "a-token";
        auto const client = sts::client_authentication::private_key_jwt("client", key);
        for (bool const is_proof : {true, false}) {
            json::object line;
            line["jwt"] = is_proof ? sts::values::make_proof(key, about, now)
                                   : sts::values::make_assertion(client, "https://sts.test/", now);
            line["typ"] = is_proof ? "dpop+jwt" : "client-authentication+jwt";
            if (!is_proof) line["jwk"] = json::parse(key.public_jwk());
            lines += json::serialize(line) + "\n";
            expected += "good " + std::string(to_string(algorithm)) + " " + key.thumbprint() + " \n";
        }
    }
    auto const script = (npm_folder() / "verify_jwts.mjs").string();
    auto const result = shell("node " + script + " " + in.file("jwts", lines) + " 2>&1 | sed 's/{.*//'");
    BOOST_TEST(result.output == expected);
}

BOOST_AUTO_TEST_SUITE_END()
