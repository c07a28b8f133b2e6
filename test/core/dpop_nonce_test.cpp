// What answers say about the nonces of proofs (cases N3 to N6 of doc/faults.md).
#include "core/dpop_nonce.hpp"

#include <equinix/sts/dpop.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace sts = equinix::sts;
namespace core = equinix::sts::core;

namespace {

core::answer answer(unsigned status, std::string_view nonce, std::string_view challenges = {}) {
    core::answer made;
    made.status = status;
    made.dpop_nonce = nonce;
    made.www_authenticate = challenges;
    return made;
}

constexpr char challenge[] = "DPoP error=\"use_dpop_nonce\", error_description=\"a nonce is needed\"\n";

} // namespace

BOOST_AUTO_TEST_SUITE(dpop_nonces)

BOOST_AUTO_TEST_CASE(a_nonce_is_of_nqchars) {
    BOOST_TEST(sts::dpop_nonce("eyJ7S_zG.eyJH0-Z.HX4w-7v").value_or("") == "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    for (auto const* const wrong : {"", "a b", "a\"b", "a\\b", "a\nb", "\x7f", "\xc3\xa4"})
        BOOST_TEST(!sts::dpop_nonce(wrong));
    BOOST_TEST(!sts::dpop_nonce(std::string(1025, 'a')));
}

BOOST_AUTO_TEST_CASE(a_challenge_asks_for_a_nonce_whatever_else_there_is) {
    BOOST_TEST(sts::wants_dpop_nonce(401, challenge));
    BOOST_TEST(sts::wants_dpop_nonce(400, challenge));
    BOOST_TEST(sts::wants_dpop_nonce(401, std::string("Bearer realm=\"x\"\nBasic, ") + challenge));
    BOOST_TEST(sts::wants_dpop_nonce(401, "dpop algs=\"ES256\", error=use_dpop_nonce"));
    BOOST_TEST(!sts::wants_dpop_nonce(200, challenge));
    BOOST_TEST(!sts::wants_dpop_nonce(403, challenge));
    BOOST_TEST(!sts::wants_dpop_nonce(401, "DPoP error=\"invalid_token\""));
    BOOST_TEST(!sts::wants_dpop_nonce(401, "Bearer error=\"use_dpop_nonce\""));
    BOOST_TEST(!sts::wants_dpop_nonce(401, ""));
}

BOOST_AUTO_TEST_CASE(N3_is_taken_from_every_answer) {
    for (auto const status : {200U, 400U, 401U, 503U}) {
        auto const read = core::read_nonce(answer(status, "n1"), "", "n0");
        BOOST_TEST(read.nonce == "n1");
        BOOST_TEST(!read.ill_formed);
        BOOST_TEST(!read.is_wanted);
    }
    BOOST_TEST(core::read_nonce(answer(200, ""), "", "n0").nonce.empty());
}

BOOST_AUTO_TEST_CASE(N4_is_wanted_by_the_body_or_by_the_challenge) {
    BOOST_TEST(core::read_nonce(answer(400, "n1"), "use_dpop_nonce", "").is_wanted);
    BOOST_TEST(core::read_nonce(answer(401, "n1"), "use_dpop_nonce", "n0").is_wanted);
    BOOST_TEST(core::read_nonce(answer(401, "n1", challenge), "", "").is_wanted);
    BOOST_TEST(!core::read_nonce(answer(503, "n1", challenge), "use_dpop_nonce", "").is_wanted);
}

BOOST_AUTO_TEST_CASE(N5_the_same_nonce_again_is_no_reason_to_ask_again) {
    BOOST_TEST(!core::read_nonce(answer(400, "n1"), "use_dpop_nonce", "n1").is_wanted);
    BOOST_TEST(!core::read_nonce(answer(400, ""), "use_dpop_nonce", "").is_wanted);
}

BOOST_AUTO_TEST_CASE(N6_two_nonces_and_other_characters_are_ill_formed) {
    BOOST_TEST(core::read_nonce(answer(200, "n1\nn2"), "", "").ill_formed);
    BOOST_TEST(core::read_nonce(answer(200, "a b"), "", "").ill_formed);
}

BOOST_AUTO_TEST_SUITE_END()
