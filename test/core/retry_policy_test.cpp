// When a failed attempt is followed by another (section G of doc/faults.md): decisions in a table.
#include "base/failure.hpp"
#include "core/retry_policy.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <netdb.h>

#include <cerrno>
#include <limits>
#include <random>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;

namespace {

constexpr auto half = std::uint32_t(1) << 31;

error_info of_kind(error_kind kind) {
    return base::failure(kind, phase::read, "");
}

error_info with_status(unsigned status, error_kind kind = error_kind::unavailable) {
    auto info = of_kind(kind);
    info.http_status = status;
    return info;
}

error_info with_code(error_kind kind, boost::system::error_code code) {
    return base::failure(kind, phase::none, "", code);
}

error_info asking_for(std::chrono::seconds wait) {
    auto info = with_status(503);
    info.retry_after = wait;
    return info;
}

core::retry_situation situation(unsigned attempt = 1, std::uint32_t random = half,
                                std::chrono::nanoseconds left = 1h) {
    core::retry_situation made{};
    made.attempt = made.sent = attempt;
    made.random = random;
    made.left = left;
    return made;
}

bool retried(error_info const& failed, core::retry_situation const& now = situation()) {
    return core::retry_wait(retry_options(), failed, now).has_value();
}

std::chrono::nanoseconds wait(error_info const& failed, core::retry_situation const& now,
                              retry_options const& options = retry_options()) {
    auto const found = core::retry_wait(options, failed, now);
    BOOST_REQUIRE(found.has_value());
    return *found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(retry_policy_decides)

BOOST_AUTO_TEST_CASE(G1_statuses_that_ask_for_later_are_retried_whatever_the_body_says) {
    for (unsigned const status :
         {408U, 409U, 421U, 425U, 429U, 500U, 502U, 503U, 504U, 520U, 524U, 529U, 530U, 598U, 599U}) {
        BOOST_TEST(retried(with_status(status)), status);
        BOOST_TEST(retried(with_status(status, error_kind::oauth)), status);
    }
}

BOOST_AUTO_TEST_CASE(G5_G6_other_statuses_are_final_whatever_the_body_says) {
    for (unsigned const status :
         {400U, 401U, 403U, 404U, 405U, 406U, 413U, 415U, 501U, 505U, 511U, 519U, 531U, 597U, 600U}) {
        BOOST_TEST(!retried(with_status(status, error_kind::oauth)), status);
        BOOST_TEST(!retried(with_status(status, error_kind::http)), status);
    }
    auto temporary = with_status(400, error_kind::oauth);
    temporary.oauth_error = "temporarily_unavailable";
    BOOST_TEST(!retried(temporary));
}

BOOST_AUTO_TEST_CASE(each_kind_is_transient_or_final) {
    for (auto const kind : {error_kind::dns, error_kind::connect, error_kind::network, error_kind::truncated,
                            error_kind::timeout, error_kind::unavailable})
        BOOST_TEST(retried(of_kind(kind)), to_string(kind));
    for (auto const kind : {error_kind::config, error_kind::proxy, error_kind::tls, error_kind::canceled,
                            error_kind::protocol, error_kind::limit, error_kind::redirect, error_kind::http,
                            error_kind::oauth, error_kind::malformed})
        BOOST_TEST(!retried(of_kind(kind)), to_string(kind));
}

BOOST_AUTO_TEST_CASE(A1_a_name_that_does_not_resolve_is_asked_for_once_more) {
    auto now = situation();
    BOOST_TEST(retried(of_kind(error_kind::dns), now));
    now.attempt = 2;
    now.refused_names = 1;
    BOOST_TEST(!retried(of_kind(error_kind::dns), now));
    BOOST_TEST(!retried(with_code(error_kind::dns, {EAI_NONAME, resolver_category()}), now));
    BOOST_TEST(retried(of_kind(error_kind::connect), now));
}

BOOST_AUTO_TEST_CASE(G16_a_name_server_that_does_not_answer_is_asked_until_the_deadline) {
    auto now = situation(100);
    now.nothing_sent = true;
    now.refused_names = 1;
    for (int const result : {EAI_AGAIN, EAI_FAIL})
        BOOST_TEST(retried(with_code(error_kind::dns, {result, resolver_category()}), now));
    BOOST_TEST(
        retried(with_code(error_kind::dns, make_error_code(boost::system::errc::not_enough_memory)), now));
}

BOOST_AUTO_TEST_CASE(G16_an_attempt_that_sent_nothing_does_not_count) {
    auto now = situation(100);
    now.sent = 4;
    now.nothing_sent = true;
    BOOST_TEST(retried(of_kind(error_kind::connect), now));
    now.sent = 5;
    BOOST_TEST(retried(of_kind(error_kind::connect), now));
    now.nothing_sent = false;
    BOOST_TEST(!retried(of_kind(error_kind::network), now));
    retry_options once;
    once.max_attempts = 1;
    now = situation();
    now.nothing_sent = true;
    BOOST_TEST(!core::retry_wait(once, of_kind(error_kind::connect), now).has_value());
}

BOOST_AUTO_TEST_CASE(G16_without_a_connection_the_pool_decides_when) {
    auto now = situation(100);
    now.nothing_sent = now.unserved = true;
    BOOST_TEST((wait(of_kind(error_kind::connect), now) == 0ns));
    now.left = 1ns;
    BOOST_TEST(retried(of_kind(error_kind::connect), now));
    now.left = 0ns;
    BOOST_TEST(!retried(of_kind(error_kind::connect), now));
}

BOOST_AUTO_TEST_CASE(I13_a_proxy_that_restarts_is_tried_again) {
    for (unsigned const status : {429U, 502U, 503U, 504U})
        BOOST_TEST(retried(with_status(status, error_kind::proxy)), status);
    for (unsigned const status : {200U, 301U, 400U, 403U, 404U, 407U})
        BOOST_TEST(!retried(with_status(status, error_kind::proxy)), status);
    BOOST_TEST(retried(with_code(error_kind::proxy, {ECONNRESET, boost::system::system_category()})));
}

BOOST_AUTO_TEST_CASE(G17_what_may_be_the_connections_fault_needs_a_new_one) {
    for (unsigned const status : {408U, 409U, 425U, 429U})
        BOOST_TEST(!core::blames_connection(with_status(status)), status);
    for (unsigned const status : {421U, 500U, 502U, 503U, 504U, 529U})
        BOOST_TEST(core::blames_connection(with_status(status)), status);
    BOOST_TEST(core::blames_connection(of_kind(error_kind::timeout)));
}

BOOST_AUTO_TEST_CASE(G4_the_last_attempt_is_the_last) {
    BOOST_TEST(retried(with_status(503), situation(4)));
    BOOST_TEST(!retried(with_status(503), situation(5)));
    retry_options once;
    once.max_attempts = 1;
    BOOST_TEST(!core::retry_wait(once, with_status(503), situation()).has_value());
}

BOOST_AUTO_TEST_CASE(G7_the_wait_grows_up_to_its_cap) {
    retry_options many;
    many.max_attempts = 100;
    std::chrono::nanoseconds const longest[] = {300ms, 750ms, 1875ms, 4687500us, 5s, 5s};
    for (unsigned i = 0; i < std::size(longest); ++i)
        BOOST_TEST((wait(with_status(503), situation(i + 1), many) == longest[i] * 3 / 4), i);
    BOOST_TEST((wait(with_status(503), situation(99), many) == 3750ms));
}

BOOST_AUTO_TEST_CASE(G16_by_default_a_service_has_more_than_three_seconds_to_start) {
    std::chrono::nanoseconds all{};
    for (unsigned attempt = 1; attempt < retry_options().max_attempts; ++attempt)
        all += wait(with_status(503), situation(attempt, 0));
    BOOST_TEST((all >= 3700ms));
}

BOOST_AUTO_TEST_CASE(G7_the_largest_options_do_not_overflow) {
    retry_options largest;
    largest.max_attempts = std::numeric_limits<unsigned>::max();
    largest.max_delay = largest.max_retry_after = std::chrono::nanoseconds::max();
    largest.base_delay = std::chrono::nanoseconds::max() / 3;
    auto const last = situation(1'000'000'000, ~std::uint32_t(0), std::chrono::nanoseconds::max());
    BOOST_TEST((wait(with_status(503), last, largest) < std::chrono::nanoseconds::max()));
    BOOST_TEST((wait(with_status(503), last, largest) > std::chrono::nanoseconds::max() / 2));
}

BOOST_AUTO_TEST_CASE(G7_half_of_a_wait_is_spread_evenly) {
    std::mt19937 random(1); // NOLINT: the same run each time
    std::vector<int> tenths(10, 0);
    for (int i = 0; i < 10'000; ++i) {
        auto const found = wait(with_status(503), situation(1, static_cast<std::uint32_t>(random())));
        BOOST_REQUIRE((found >= 150ms && found < 300ms));
        ++tenths[static_cast<std::size_t>((found - 150ms) / 15ms)];
    }
    for (auto const count : tenths)
        BOOST_TEST((count > 850 && count < 1150), count);
    BOOST_TEST((wait(with_status(503), situation(1, 0)) == 150ms));
}

BOOST_AUTO_TEST_CASE(G2_retry_after_is_waited_for_at_least_with_jitter_only_upward) {
    BOOST_TEST((wait(asking_for(2s), situation(1, 0)) == 2s));
    BOOST_TEST((wait(asking_for(2s), situation(1, half)) == 2150ms));
    BOOST_TEST((wait(asking_for(30s), situation(3, half)) == 30s + 937500us));
}

BOOST_AUTO_TEST_CASE(G3_retry_after_in_the_past_is_an_ordinary_wait) {
    BOOST_TEST((wait(asking_for(0s), situation()) == 225ms));
}

BOOST_AUTO_TEST_CASE(G2_G14_a_retry_after_that_is_too_long_is_final) {
    BOOST_TEST(!retried(asking_for(31s)));
    BOOST_TEST(!retried(asking_for(std::chrono::seconds::max())));
    BOOST_TEST(!retried(asking_for(10s), situation(1, 0, 10s)));
    // What fits is kept within the deadline by its jitter too.
    BOOST_TEST((wait(asking_for(10s), situation(1, ~std::uint32_t(0), 10s + 1us)) < 10s + 1us));
}

BOOST_AUTO_TEST_CASE(F5_a_wait_that_does_not_fit_the_deadline_is_final) {
    BOOST_TEST(retried(with_status(503), situation(1, half, 226ms)));
    BOOST_TEST(!retried(with_status(503), situation(1, half, 225ms)));
    BOOST_TEST(!retried(with_status(503), situation(1, 0, 0ns)));
    BOOST_TEST(!retried(with_status(503), situation(1, 0, -1s)));
}

BOOST_AUTO_TEST_CASE(G12_single_use_subject_tokens_are_sent_once) {
    retry_options careful;
    careful.replay = replay_policy::unsent_only;
    auto now = situation();
    BOOST_TEST(core::retry_wait(careful, of_kind(error_kind::connect), now).has_value());
    now.request_sent = true;
    for (auto const kind : {error_kind::network, error_kind::truncated, error_kind::timeout})
        BOOST_TEST(!core::retry_wait(careful, of_kind(kind), now).has_value());
    BOOST_TEST(!core::retry_wait(careful, with_status(503), now).has_value());
    now.classified = retry_decision::retry;
    BOOST_TEST(!core::retry_wait(careful, with_status(503), now).has_value());
}

BOOST_AUTO_TEST_CASE(a_classifier_overrides_the_kind_and_not_the_limits) {
    auto now = situation();
    now.classified = retry_decision::give_up;
    BOOST_TEST(!retried(with_status(503), now));
    now.classified = retry_decision::retry;
    BOOST_TEST(retried(with_status(400, error_kind::oauth), now));
    now.sent = 5;
    BOOST_TEST(!retried(with_status(400, error_kind::oauth), now));
}

BOOST_AUTO_TEST_CASE(G8_the_budget_runs_out_and_recovers) {
    core::retry_budget budget(500);
    auto const cost = core::retry_cost(with_status(503));
    BOOST_TEST(cost == 5U);
    BOOST_TEST(core::retry_cost(of_kind(error_kind::timeout)) == 10U);
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(budget.take(cost));
    BOOST_TEST(!budget.take(1));
    budget.refund(4);
    BOOST_TEST(!budget.take(5));
    BOOST_TEST(budget.left() == 4U);
    budget.refund(1);
    BOOST_TEST(budget.take(5));
    budget.refund(100'000);
    BOOST_TEST(budget.left() == 500U);
    budget.refund(std::numeric_limits<unsigned>::max());
    BOOST_TEST(budget.left() == 500U);
}

BOOST_AUTO_TEST_CASE(an_error_says_why_it_is_final_if_it_does_not_explain_that_itself) {
    auto const why = [](error_info const& failed, core::retry_situation const& now,
                        retry_options const& options = retry_options(), bool budget_is_short = false) {
        return core::why_final(options, failed, now, budget_is_short);
    };
    auto const passing = with_status(503);
    BOOST_TEST(why(passing, situation()).find("would exceed the deadline") != std::string_view::npos);
    BOOST_TEST(why(passing, situation(), {}, true).find("budget is used up") != std::string_view::npos);
    BOOST_TEST(why(with_status(403, error_kind::http), situation()).empty());
    BOOST_TEST(why(passing, situation(5)).empty()); // all attempts are spent
    auto once = situation();
    once.sent_once = true;
    BOOST_TEST(why(passing, once).find("subject token has expired") != std::string_view::npos);
    auto sent = situation();
    sent.request_sent = true;
    retry_options careful;
    careful.replay = replay_policy::unsent_only;
    BOOST_TEST(why(passing, sent, careful).find("retry.replay forbids it") != std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()
