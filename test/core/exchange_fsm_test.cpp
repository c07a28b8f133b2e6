// The way of an exchange through its attempts, as scripts of events in simulated time.
#include "base/failure.hpp"
#include "core/exchange_fsm.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using action = core::exchange_fsm::action;

namespace {

struct fixture {
    base::clock::time_point const start = base::clock::time_point() + 1000h;
    base::clock::time_point now = start;
    retry_options options;
    core::retry_budget budget{500};
    core::exchange_fsm way{start, start + 30s};

    /// One attempt that takes a second and fails.
    action attempt(error_info const& failed, std::uint32_t random = 0) {
        way.begin_attempt(now, 10s);
        now += 1s;
        auto const next = way.failed(failed, now, options, retry_decision::by_default, random, budget);
        if (next == action::pause) now = way.resume_at();
        return next;
    }
};

error_info unavailable() {
    auto info = base::failure(error_kind::unavailable, phase::parse, "");
    info.http_status = 503;
    return info;
}

error_info lost() {
    return base::failure(error_kind::network, phase::read, "");
}

core::exchange_fsm::failure_facts stale() {
    core::exchange_fsm::failure_facts facts;
    facts.stale_connection = true;
    return facts;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(exchange_fsm, fixture)

BOOST_AUTO_TEST_CASE(G4_ends_after_exactly_the_attempts_allowed) {
    for (int i = 0; i < 3; ++i)
        BOOST_TEST((attempt(unavailable()) == action::pause));
    BOOST_TEST((attempt(unavailable()) == action::finish));
    BOOST_TEST(way.attempts() == 4U);
    BOOST_TEST(budget.left() == 485U);
}

BOOST_AUTO_TEST_CASE(G15_what_is_to_be_sent_once_is_not_sent_again) {
    way.send_once(true);
    way.begin_attempt(now, 10s);
    way.request_sent();
    BOOST_TEST(!way.replaces(lost(), stale(), replay_policy::safe));
    BOOST_TEST((attempt(unavailable()) == action::finish));
    BOOST_TEST(way.why_final() == "; not retried, since the subject token has expired by the local clock");
}

BOOST_AUTO_TEST_CASE(G15_it_is_tried_again_as_long_as_nothing_was_sent) {
    way.send_once(true);
    BOOST_TEST((attempt(base::failure(error_kind::connect, phase::connect, "")) == action::pause));
}

BOOST_AUTO_TEST_CASE(G15_what_was_sent_with_another_subject_token_does_not_count) {
    way.request_sent();
    way.send_once(true);
    way.begin_attempt(now, 10s);
    BOOST_TEST(way.replaces(lost(), stale(), replay_policy::safe));
    BOOST_TEST((attempt(lost()) == action::pause));
}

BOOST_AUTO_TEST_CASE(G15_another_subject_token_lifts_that) {
    way.send_once(true);
    way.send_once(false);
    way.request_sent();
    BOOST_TEST((attempt(unavailable()) == action::pause));
}

BOOST_AUTO_TEST_CASE(G13_keeps_every_earlier_attempt_in_its_order) {
    attempt(lost());
    attempt(unavailable());
    attempt(base::failure(error_kind::oauth, phase::oauth, ""));
    auto const earlier = way.take_earlier();
    BOOST_REQUIRE(earlier.size() == 2U);
    BOOST_TEST(earlier[0].kind == error_kind::network);
    BOOST_TEST(earlier[0].phase == phase::read);
    BOOST_TEST((earlier[0].elapsed == 1s));
    BOOST_TEST(earlier[1].kind == error_kind::unavailable);
    BOOST_TEST(earlier[1].http_status == 503U);
    BOOST_TEST((earlier[1].elapsed == 2s));
}

BOOST_AUTO_TEST_CASE(an_attempt_begins_once_and_has_its_own_bound) {
    way.begin_attempt(now, 10s);
    way.begin_attempt(now + 5s, 10s); // its connection was replaced
    BOOST_TEST(way.attempts() == 1U);
    BOOST_TEST((way.attempt_deadline() == now + 10s));
    attempt(unavailable());
    BOOST_TEST((way.attempt_deadline() == base::clock::time_point::max()));
    way.begin_attempt(now, std::chrono::nanoseconds::max());
    BOOST_TEST((way.attempt_deadline() == base::clock::time_point::max()));
}

BOOST_AUTO_TEST_CASE(F5_the_deadline_ends_it_with_the_attempts_own_error) {
    way = core::exchange_fsm(start, start + 1s + 50ms);
    BOOST_TEST((attempt(unavailable(), ~std::uint32_t(0)) == action::finish));
    BOOST_TEST(way.take_earlier().empty());
}

BOOST_AUTO_TEST_CASE(G8_an_empty_budget_makes_errors_final_until_a_success_refunds) {
    budget = core::retry_budget(6);
    BOOST_TEST((attempt(unavailable()) == action::pause));
    BOOST_TEST((attempt(unavailable()) == action::finish));
    core::exchange_fsm other(start, start + 30s);
    std::swap(way, other);
    other.succeeded(budget); // it had a retry, whose cost comes back
    BOOST_TEST(budget.left() == 6U);
    BOOST_TEST((attempt(unavailable()) == action::pause));
    core::exchange_fsm(start, start + 30s).succeeded(budget); // one without a retry gives 1
    BOOST_TEST(budget.left() == 2U);
}

BOOST_AUTO_TEST_CASE(a_stale_connection_is_replaced_once_within_the_attempt) {
    way.begin_attempt(now, 10s);
    way.request_sent();
    BOOST_TEST(way.replaces(lost(), stale(), options.replay));
    BOOST_TEST(!way.replaces(lost(), stale(), options.replay));
    BOOST_TEST(way.attempts() == 1U);
}

BOOST_AUTO_TEST_CASE(E3_a_fresh_or_answering_connection_is_not_replaced) {
    way.begin_attempt(now, 10s);
    BOOST_TEST(!way.replaces(lost(), core::exchange_fsm::failure_facts(), options.replay));
    auto answering = stale();
    answering.answer_begun = true;
    BOOST_TEST(!way.replaces(lost(), answering, options.replay));
    BOOST_TEST(!way.replaces(base::failure(error_kind::tls, phase::read, ""), stale(), options.replay));
    BOOST_TEST(way.replaces(lost(), stale(), options.replay));
}

BOOST_AUTO_TEST_CASE(G12_a_stale_connection_that_was_written_to_is_not_replaced_for_a_single_use_token) {
    way.begin_attempt(now, 10s);
    BOOST_TEST(way.replaces(lost(), stale(), replay_policy::unsent_only));
    way = core::exchange_fsm(start, start + 30s);
    way.begin_attempt(now, 10s);
    way.request_sent();
    BOOST_TEST(!way.replaces(lost(), stale(), replay_policy::unsent_only));
}

BOOST_AUTO_TEST_SUITE_END()
