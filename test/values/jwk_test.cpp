// Public keys and their thumbprints, by the examples of the RFCs.
#include "testing/jwt.hpp"
#include "testing/public_key.hpp"
#include "values/jwk.hpp"

#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>

namespace sts = equinix::sts;
namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(signing_keys)

// RFC 7638 section 3.1.
BOOST_AUTO_TEST_CASE(the_thumbprint_of_rfc_7638_is_that_of_its_key) {
    json::object const jwk{{"kty", "RSA"},
                           {"n", "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFx"
                                 "uhDR1L6tSoc_BJECPebWKRXjBZCi"
                                 "FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
                                 "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb"
                                 "9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
                                 "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1"
                                 "jF44-csFCur-kEgU8awapJzKnqDKgw"},
                           {"e", "AQAB"},
                           {"alg", "RS256"},
                           {"kid", "2011-04-29"}};
    auto const text = sts::values::public_jwk(sts::testing::public_key(jwk).get());
    BOOST_REQUIRE(text);
    BOOST_TEST(sts::values::sha256_base64url(*text) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

// RFC 9449 sections 4.1 and 6.1.
BOOST_AUTO_TEST_CASE(the_proof_of_rfc_9449_is_verified) {
    auto const proof = sts::testing::parse_jwt(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZ"
        "OXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIs"
        "ImNydiI6IlAtMjU2In19."
        "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVy"
        "LmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtF"
        "LbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg");
    BOOST_REQUIRE(proof);
    auto const& jwk = proof->header.at("jwk").as_object();
    BOOST_TEST(sts::testing::is_signed_by(jwk, *proof));
    auto const text = sts::values::public_jwk(sts::testing::public_key(jwk).get());
    BOOST_TEST(sts::values::sha256_base64url(text.value()) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

BOOST_AUTO_TEST_SUITE_END()
