// When a supplier is asked again: after its token was refused, or has expired in a pause (G10, G11 of
// doc/faults.md).
#include "client/scripted_suppliers.hpp"

#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::retry_decision;
using sts::testing::id_token_claims;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(subjects, supplied)

BOOST_AUTO_TEST_CASE(G10_after_a_refusal_another_token_gets_one_more_attempt) {
    for (unsigned const status : {400U, 401U}) {
        auto const before = mock.requests();
        auto const first = token("first"), second = token("second");
        auto const supplier = std::make_shared<sequence>(std::vector{first, second});
        mock.next(mock_answer::error(status, "invalid_request", "the subject token is stale"));
        BOOST_TEST(exchange(client(hasty()), asking(supplier)).has_value());
        BOOST_TEST(supplier->asked == 2U);
        BOOST_TEST(mock.requests() == before + 2);
        BOOST_TEST(sent(before, first));
        BOOST_TEST(sent(before + 1, second));
    }
}

BOOST_AUTO_TEST_CASE(G10_after_a_refusal_that_the_rules_make_a_fresh_token_succeeds) {
    auto const supplier = std::make_shared<sequence>(std::vector{forged(), token()}, true);
    BOOST_TEST(exchange(client(), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G10_G13_the_second_refusal_tells_of_the_first) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b"), token("c")});
    mock.next(mock_answer::error(401, "invalid_client"));
    mock.next(mock_answer::error(400, "invalid_request"));
    auto const info = failure(client(hasty()), asking(supplier));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.oauth_error == "invalid_request");
    BOOST_TEST(info.attempts == 2U);
    BOOST_REQUIRE(info.earlier.size() == 1U);
    BOOST_TEST(info.earlier[0].http_status == 401U);
    BOOST_TEST(info.earlier[0].kind == error_kind::oauth);
    BOOST_TEST(supplier->asked == 2U); // once more, not twice
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G10_another_token_has_its_attempt_beyond_max_attempts) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    auto twice = hasty();
    twice.retry.max_attempts = 2;
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::error(400, "invalid_request"));
    BOOST_TEST(exchange(client(twice), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(G10_another_token_takes_nothing_from_the_budget) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    mock.next(mock_answer::error(400, "invalid_request"));
    auto const sts_client = client(hasty());
    auto const before = sts_client.stats().retry_budget;
    BOOST_TEST(exchange(sts_client, asking(supplier)).has_value());
    BOOST_TEST(sts_client.stats().retry_budget == before);
    BOOST_TEST(sts_client.stats().retries == 0U);
}

BOOST_AUTO_TEST_CASE(G10_the_same_token_again_makes_a_refusal_final) {
    auto const supplier = std::make_shared<sequence>(std::vector{token()});
    mock.next(mock_answer::error(400, "invalid_grant", "no such user"));
    auto const info = failure(client(hasty()), asking(supplier));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.phase == phase::oauth);
    BOOST_TEST(info.http_status == 400U);
    BOOST_TEST(info.oauth_error == "invalid_grant");
    BOOST_TEST(info.oauth_error_description == "no such user");
    BOOST_TEST(contains(info.message, "no other subject token"), info.message);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G10_a_supplier_that_fails_then_leaves_the_refusal_as_the_error) {
    sts::error_info why;
    why.kind = error_kind::config;
    why.message = "the file is gone";
    auto const supplier = std::make_shared<failing<sts::error>>(token(), 2, sts::error(why));
    mock.next(mock_answer::error(401, "invalid_token"));
    auto const info = failure(client(hasty()), asking(supplier));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.http_status == 401U);
    BOOST_TEST(info.oauth_error == "invalid_token");
    BOOST_TEST(contains(info.message, "the file is gone"), info.message);
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G10_no_other_failure_asks_again) {
    auto const sts_client = client(hasty());
    for (unsigned const status : {403U, 404U, 415U}) {
        auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
        mock.next(mock_answer::error(status, "access_denied"));
        BOOST_TEST(failure(sts_client, asking(supplier)).attempts == 1U);
        BOOST_TEST(supplier->asked == 1U);
    }
}

BOOST_AUTO_TEST_CASE(G10_a_retry_has_the_same_bytes_and_asks_nobody) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::genuine().reset_after(0));
    BOOST_TEST(exchange(client(hasty()), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 1U);
    auto const raw = mock.raw_requests();
    BOOST_REQUIRE(raw.size() == 3U);
    BOOST_TEST(raw[0] == raw[1]);
    BOOST_TEST(raw[1] == raw[2]);
}

BOOST_AUTO_TEST_CASE(G10_without_retries_a_refusal_asks_nobody) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    mock.next(mock_answer::error(400, "invalid_request"));
    BOOST_TEST(failure(client(one_attempt()), asking(supplier)).attempts == 1U);
    BOOST_TEST(supplier->asked == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G10_a_classifier_that_gives_up_keeps_it_from_asking) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    auto resigned = hasty();
    resigned.retry.classifier = [](sts::error_info const&, unsigned) { return retry_decision::give_up; };
    mock.next(mock_answer::error(400, "invalid_request"));
    BOOST_TEST(failure(client(resigned), asking(supplier)).attempts == 1U);
    BOOST_TEST(supplier->asked == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G11_a_token_that_expired_in_the_pause_is_asked_for_again) {
    auto const brief = mock.id_token(id_token_claims().lifetime(1s)), fresh = token();
    auto const supplier = std::make_shared<sequence>(std::vector{brief, fresh});
    mock.next(mock_answer::error(503, "").header("Retry-After", "2"));
    BOOST_TEST(exchange(client(), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 2U);
    BOOST_TEST(sent(0, brief));
    BOOST_TEST(sent(1, fresh));
}

BOOST_AUTO_TEST_CASE(G11_a_supplier_that_fails_after_the_pause_ends_the_exchange) {
    sts::error_info why;
    why.kind = error_kind::config;
    why.message = "the file is gone";
    auto const brief = mock.id_token(id_token_claims().lifetime(1s));
    auto const supplier = std::make_shared<failing<sts::error>>(brief, 2, sts::error(why));
    mock.next(mock_answer::error(503, "").header("Retry-After", "2"));
    auto const info = failure(client(), asking(supplier));
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(info.attempts == 1U);
    BOOST_REQUIRE(info.earlier.size() == 1U);
    BOOST_TEST(info.earlier[0].http_status == 503U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
