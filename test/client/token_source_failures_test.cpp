// What a source tells of a failure, whom, and for how long.
#include "support/refused.hpp"
#include "support/token_source.hpp"

#include <deque>
#include <set>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(token_source, sourced)

BOOST_AUTO_TEST_CASE(J5_a_failure_is_told_to_all_who_wait_and_for_a_while_to_those_who_come) {
    mock.always(mock_answer::error(503, ""));
    auto const tokens = source();
    std::deque<waiting> all;
    for (int i = 0; i < 50; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    for (auto& one : all) {
        auto const& ended = one.wait();
        BOOST_REQUIRE(ended.has_error());
        BOOST_TEST(ended.error().kind == error_kind::unavailable);
        BOOST_TEST(ended.error().http_status == 503U);
    }
    BOOST_TEST(mock.requests() == 1U);
    auto const stats = tokens.stats();
    BOOST_TEST(stats.failed == 1U);
    BOOST_REQUIRE(stats.last_error);
    BOOST_TEST(stats.last_error->http_status == 503U);
}

BOOST_AUTO_TEST_CASE(J12_a_service_that_cannot_be_reached_is_what_a_caller_is_told_of) {
    auto careful = hasty();
    {
        sts::testing::mock_sts const gone;
        careful.endpoint = sts::endpoint(gone.url());
    }
    auto const info = failure_of(source(client(careful), request().timeout(2s)));
    BOOST_TEST(info.kind == error_kind::connect, info.to_string());
    BOOST_TEST(info.attempts > 5U); // as long as the deadline allows
}

BOOST_AUTO_TEST_CASE(J4_a_caller_whose_time_is_up_is_told_why_attempts_have_failed_so_far) {
    auto careful = hasty();
    {
        sts::testing::mock_sts const gone;
        careful.endpoint = sts::endpoint(gone.url());
    }
    auto const tokens = source(client(careful), request());
    waiting one(context, [&] { return tokens.try_get(300ms); });
    auto const& ended = one.wait();
    BOOST_REQUIRE(ended.has_error());
    auto const& info = ended.error();
    BOOST_TEST(info.kind == error_kind::timeout, info.to_string());
    BOOST_TEST(info.phase == sts::phase::queue);
    BOOST_TEST((info.code == boost::system::errc::connection_refused));
    BOOST_TEST(info.attempts > 0U);
    BOOST_TEST(info.message.find("within 300 ms") != std::string::npos, info.message);
    BOOST_TEST(info.message.find("Connection refused") != std::string::npos, info.message);
}

BOOST_AUTO_TEST_CASE(J12_a_service_that_does_not_answer_is_what_a_caller_is_told_of) {
    mock.always(mock_answer::genuine().delay(10s));
    auto const info = failure_of(source(client(options()), request().timeout(1s)));
    BOOST_TEST(info.kind == error_kind::timeout, info.to_string());
    BOOST_TEST(info.phase == sts::phase::read, info.to_string());
    BOOST_TEST(info.request_sent);
}

BOOST_AUTO_TEST_CASE(a_refusal_for_good_is_remembered) {
    mock.always(mock_answer::error(400, "invalid_scope"));
    auto const tokens = source();
    for (int i = 0; i < 20; ++i) {
        auto const info = failure_of(tokens);
        BOOST_TEST(info.kind == error_kind::oauth);
        BOOST_TEST(info.oauth_error == "invalid_scope");
    }
    BOOST_TEST(mock.requests() == 1U);
    BOOST_TEST(tokens.stats().refused == 19U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(token_source_field, sourced)

BOOST_AUTO_TEST_CASE(J5_a_throttled_service_sees_one_flight_with_its_retries_whoever_waits) {
    mock.always(mock_answer::error(429, ""));
    auto const tokens = source(client(hasty()), request());
    std::deque<waiting> all;
    for (int i = 0; i < 1000; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    for (auto& one : all) {
        auto const& ended = one.wait();
        BOOST_REQUIRE(ended.has_error());
        BOOST_REQUIRE(ended.error().http_status == 429U);
        BOOST_REQUIRE(ended.error().attempts == 5U);
    }
    BOOST_TEST(mock.requests() == 5U);
    BOOST_TEST(tokens.stats().fetches == 1U);
}

BOOST_AUTO_TEST_CASE(J5_a_retry_that_succeeds_serves_all_who_wait) {
    mock.next(mock_answer::error(429, ""));
    mock.next(mock_answer::error(503, ""));
    auto const tokens = source(client(hasty()), request());
    std::deque<waiting> all;
    for (int i = 0; i < 1000; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    std::set<token_ptr> got;
    for (auto& one : all)
        got.insert(*one.wait());
    BOOST_TEST(got.size() == 1U);
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(G5_a_400_that_is_transient_is_retried_where_a_classifier_says_so) {
    auto knowing = hasty();
    knowing.retry.classifier = [](sts::error_info const& failed, unsigned) {
        return contains(failed.oauth_error_description, "could not be reached")
                   ? sts::retry_decision::retry
                   : sts::retry_decision::by_default;
    };
    mock.next(mock_answer::error(400, "invalid_request", "the identity provider could not be reached"));
    auto const tokens = source(client(knowing), request());
    BOOST_TEST(token_of(tokens) != nullptr);
    BOOST_TEST(tokens.stats().failed == 0U);
}

BOOST_AUTO_TEST_CASE(G13_no_error_or_number_of_a_source_shows_a_secret) {
    mock.always(mock_answer::error(400, "invalid_request", "bad token canary-subject-token"));
    auto const tokens =
        source(client(hasty()),
               sts::exchange_request(sts::subject_token("canary-subject-token")).scope(sts::scope("a")));
    for (int i = 0; i < 2; ++i) { // the second from memory
        auto const text = failure_of(tokens).to_string();
        BOOST_TEST(!contains(text, "canary"), text);
    }
    auto const stats = tokens.stats();
    BOOST_REQUIRE(stats.last_error);
    BOOST_TEST(!contains(stats.last_error->to_string(), "canary"));
}

BOOST_AUTO_TEST_SUITE_END()
