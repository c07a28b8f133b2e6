// The states of an exchange: its attempts, and how it ends.
#include "base/failure.hpp"
#include "core/exchange_fsm_fixture.hpp"
#include "core/retry_policy.hpp"

#include <boost/test/unit_test.hpp>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::exchange_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(exchange_fsm, fixture)

BOOST_AUTO_TEST_CASE(a_token_ends_it) {
    BOOST_TEST(way.is() == state::fresh);
    BOOST_TEST(tell(type::started) == action::acquire);
    BOOST_TEST(way.is() == state::waiting);
    BOOST_TEST(tell(type::leased) == action::send);
    BOOST_TEST(way.is() == state::leased);
    BOOST_TEST(tell(type::answered) == action::finish);
    BOOST_TEST(way.is() == state::done);
    BOOST_TEST(way.failure() == nullptr);
    BOOST_TEST(way.attempts() == 1U);
}

BOOST_AUTO_TEST_CASE(on_a_closed_client_it_is_cancelled) {
    closed = true;
    BOOST_TEST(tell(type::started) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(L1_one_that_cannot_begin_ends_with_the_reason) {
    BOOST_TEST(tell(type::started, base::without_memory(phase::none)) == action::finish);
    BOOST_TEST((way.failure()->code == boost::system::errc::not_enough_memory));
}

BOOST_AUTO_TEST_CASE(one_waiter_too_many_is_no_attempt) {
    auto why = base::failure(error_kind::limit, phase::queue, "");
    fsm::event event{type::unserved};
    event.why = &why;
    event.turned_away = true;
    tell(type::started);
    BOOST_TEST(tell(event) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::limit);
    BOOST_TEST(way.failure()->attempts == 0U);
}

BOOST_AUTO_TEST_CASE(G4_ends_after_exactly_the_attempts_allowed) {
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(attempt(unavailable()) == action::pause);
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(way.attempts() == 5U);
    BOOST_TEST(way.failure()->attempts == 5U);
    BOOST_TEST(budget.left() == 480U);
}

BOOST_AUTO_TEST_CASE(G13_keeps_every_earlier_attempt_in_its_order) {
    attempt(lost());
    attempt(unavailable());
    attempt(base::failure(error_kind::oauth, phase::oauth, ""));
    BOOST_REQUIRE(earlier().size() == 2U);
    BOOST_TEST(earlier()[0].kind == error_kind::network);
    BOOST_TEST(earlier()[0].phase == phase::read);
    BOOST_TEST((earlier()[0].elapsed == 1s));
    BOOST_TEST(earlier()[1].kind == error_kind::unavailable);
    BOOST_TEST(earlier()[1].http_status == 503U);
    BOOST_TEST((earlier()[1].elapsed == 2s + 150ms));
}

BOOST_AUTO_TEST_CASE(G8_the_last_of_the_budget_is_spent) {
    budget = core::retry_budget(core::retry_cost(unavailable()));
    BOOST_TEST(attempt(unavailable()) == action::pause);
    BOOST_TEST(budget.left() == 0U);
}

BOOST_AUTO_TEST_CASE(G8_only_an_error_that_the_budget_has_made_final_says_so) {
    auto final_error = unavailable();
    final_error.kind = error_kind::http;
    final_error.http_status = 403;
    BOOST_TEST(attempt(final_error) == action::finish);
    BOOST_TEST(!way.failure()->budget_spent);

    way = fsm(start, start + 30s);
    now = start;
    options.budget = 0; // no retries at all
    budget = core::retry_budget(0);
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(!way.failure()->budget_spent);

    way = fsm(start, start + 30s);
    now = start;
    options.budget = 1;
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(way.failure()->budget_spent);
}

BOOST_AUTO_TEST_CASE(G8_an_empty_budget_makes_errors_final_until_a_success_refunds) {
    budget = core::retry_budget(6);
    BOOST_TEST(attempt(unavailable()) == action::pause);
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(way.failure()->budget_spent);
    way = fsm(start, start + 30s);
    now = start;
    budget = core::retry_budget(6);
    BOOST_TEST(attempt(unavailable()) == action::pause);
    lease();
    tell(type::answered); // it had a retry, whose cost comes back
    BOOST_TEST(budget.left() == 6U);
    way = fsm(start, start + 30s);
    now = start;
    BOOST_TEST(attempt(unavailable()) == action::pause);
    way = fsm(start, start + 30s);
    now = start;
    lease();
    tell(type::answered); // one without a retry gives 1
    BOOST_TEST(budget.left() == 2U);
}

BOOST_AUTO_TEST_CASE(on_a_closed_client_a_failure_is_final) {
    lease();
    closed = true;
    BOOST_TEST(broken(lost(), true) == action::judge);
    BOOST_TEST(classified() == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::network);
}

BOOST_AUTO_TEST_CASE(G6_the_classifier_decides_within_the_limits) {
    lease();
    tell(type::answered, unavailable());
    BOOST_TEST(classified(0, retry_decision::give_up) == action::finish);
    way = fsm(start, start + 30s);
    lease();
    tell(type::answered, base::failure(error_kind::malformed, phase::parse, ""));
    BOOST_TEST(classified(0, retry_decision::retry) == action::pause);
}

BOOST_AUTO_TEST_SUITE_END()
