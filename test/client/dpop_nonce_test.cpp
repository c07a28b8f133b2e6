// Nonces that a service wants in the proofs (cases N4 to N6 of doc/faults.md).
#include "client/bound_service.hpp"

#include <cstddef>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;
using sts::testing::nonce_rule;

namespace {

struct bound_with_nonce : bound {
    bound_with_nonce() : bound(with(nonce_rule::lasting)) {}
};
struct bound_by_challenge : bound {
    bound_by_challenge() : bound(with(nonce_rule::lasting, 401)) {}
};
struct bound_with_new_nonces : bound {
    bound_with_new_nonces() : bound(with(nonce_rule::each)) {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dpop, bound)

BOOST_FIXTURE_TEST_CASE(N4_a_nonce_is_sent_at_once_and_kept, bound_with_nonce) {
    auto const sts_client = client(one_attempt());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(mock.requests() == 4U);
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(sts_client.stats().retries == 0U);
    BOOST_TEST(nonce_of(0) == "");
    BOOST_TEST(nonce_of(1) != "");
    BOOST_TEST(nonce_of(3) == nonce_of(1));
    BOOST_TEST(all_differ(identifiers()));
}

BOOST_FIXTURE_TEST_CASE(N4_a_challenge_alone_asks_for_a_nonce_too, bound_by_challenge) {
    auto const sts_client = client(one_attempt());
    BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_FIXTURE_TEST_CASE(N4_a_nonce_that_changes_with_each_answer_is_followed, bound_with_new_nonces) {
    auto const sts_client = client(one_attempt());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client, proved()).has_value());
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_FIXTURE_TEST_CASE(N4_many_at_a_time_get_through_with_a_nonce_for_each, bound_with_new_nonces) {
    auto const sts_client = client();
    auto const all = begin(sts_client, 8, proved());
    std::size_t good = 0;
    for (auto const& one : all)
        good += one->wait().has_value() ? 1 : 0;
    BOOST_TEST(good == all.size());
}

BOOST_AUTO_TEST_CASE(N5_a_service_that_never_accepts_a_nonce_is_asked_four_times) {
    for (int i = 0; i < 9; ++i)
        mock.next(mock_answer::error(400, "use_dpop_nonce").header("DPoP-Nonce", "n" + std::to_string(i)));
    auto const info = [&] {
        auto const sts_client = client(one_attempt());
        return exchange(sts_client, proved()).error();
    }();
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.oauth_error == "use_dpop_nonce");
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(N5_a_service_that_asks_for_the_same_nonce_again_is_not_asked_again) {
    mock.always(mock_answer::error(400, "use_dpop_nonce").header("DPoP-Nonce", "same"));
    auto const sts_client = client(one_attempt());
    BOOST_TEST(exchange(sts_client, proved()).error().oauth_error == "use_dpop_nonce");
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(N6_an_ill_formed_nonce_is_an_error_of_the_protocol) {
    auto const sts_client = client(one_attempt());
    for (auto const& answer : {mock_answer::genuine().header("DPoP-Nonce", "a b"),
                               mock_answer::genuine().header("DPoP-Nonce", "a").header("DPoP-Nonce", "b")}) {
        mock.next(answer);
        BOOST_TEST(exchange(sts_client, proved()).error().kind == error_kind::protocol);
        mock.next(answer);
        BOOST_TEST(exchange(sts_client).has_value()); // without a proof it means nothing
    }
}

BOOST_AUTO_TEST_SUITE_END()
