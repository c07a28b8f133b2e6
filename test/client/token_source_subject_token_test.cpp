// A source whose subject token has expired, or is replaced by another.
#include "support/refused.hpp"
#include "support/token_source.hpp"

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::testing::id_token_claims;
using sts::testing::mock_answer;

namespace {

/// A file that is written anew now and then.
class rotated final : public sts::subject_token_supplier {
public:
    explicit rotated(std::string token) : now(std::move(token)) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
        ++asked;
        co_return sts::subject_token(now);
    }
    std::string describe() const override { return "file 'token'"; }

    std::string now;
    int asked = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_source, sourced)

BOOST_AUTO_TEST_CASE(sends_no_subject_token_that_has_expired_by_its_own_words) {
    auto const tokens =
        source(client(), request(sts::testing::id_token_claims().lifetime(std::chrono::seconds(-65))));
    auto const info = failure_of(tokens);
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(contains(info.message, "expired at 2"));
    BOOST_TEST(!info.request_sent);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(G15_a_subject_token_that_has_just_expired_by_our_clock_is_judged_by_the_service) {
    mock.next(mock_answer::with(200,
                                R"({"access_token":"abc","token_type":"Bearer","expires_in":60,)"
                                R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})"));
    auto const just_expired = sts::testing::id_token_claims().lifetime(std::chrono::seconds(-5));
    BOOST_TEST(token_of(source(client(), request(just_expired)))->access_token.reveal() == "abc");
    auto const info = failure_of(source(client(), request(just_expired)));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G15_it_is_sent_once) {
    mock.always(mock_answer::error(503, ""));
    auto const info = failure_of(
        source(client(), request(sts::testing::id_token_claims().lifetime(std::chrono::seconds(-5)))));
    BOOST_TEST(info.kind == error_kind::unavailable);
    BOOST_TEST(contains(info.message, "has expired according to the local clock"), info.message);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(token_source_field, sourced)

BOOST_AUTO_TEST_CASE(G11_a_stale_subject_token_is_replaced_where_the_service_refuses_it) {
    auto const file = std::make_shared<rotated>(mock.id_token());
    auto const tokens = source(client(hasty()), sts::exchange_request(file).scope(sts::scope("a")));
    auto const first = token_of(tokens);
    file->now = mock.id_token(id_token_claims().subject("anew"));
    tokens.invalidate(*first);
    auto const second = token_of(tokens); // read at its use
    auto const claims = mock.claims(second->access_token.reveal());
    BOOST_REQUIRE(claims);
    BOOST_TEST(contains(*claims, "anew"));
}

BOOST_AUTO_TEST_CASE(G11_a_suppliers_expired_token_is_named_and_not_sent) {
    auto const file = std::make_shared<rotated>(mock.id_token(id_token_claims().lifetime(-65s)));
    auto const tokens = source(client(hasty()), sts::exchange_request(file).scope(sts::scope("a")));
    auto const info = failure_of(tokens);
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(contains(info.message, "file 'token' expired at 2"), info.message);
    BOOST_TEST(mock.requests() == 0U);
    file->now = mock.id_token();
    look_until([&] { return get(tokens).has_value(); }); // as soon as there is a fresh one
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(J5_a_rotated_subject_token_ends_a_refusal_ahead_of_time) {
    auto const file = std::make_shared<rotated>(mock.id_token(id_token_claims().forged()));
    auto const tokens = source(client(one_attempt()), sts::exchange_request(file).scope(sts::scope("a")));
    auto const refused = failure_of(tokens);
    BOOST_TEST(refused.kind == error_kind::oauth);
    BOOST_TEST(mock.requests() == 1U);
    look_until([&] { // it looks, and finds the same
        auto const again = get(tokens);
        BOOST_REQUIRE(again.has_error());
        BOOST_REQUIRE(again.error().oauth_error == refused.oauth_error);
        return file->asked == 2;
    });
    BOOST_TEST(mock.requests() == 1U);
    file->now = mock.id_token();
    look_until([&] { return get(tokens).has_value(); });
    BOOST_TEST(file->asked == 3);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
