// The deadlines of an exchange and of its attempts.
#include "base/failure.hpp"
#include "core/exchange_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::exchange_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(exchange_fsm, fixture)

BOOST_AUTO_TEST_CASE(a_deadline_that_is_over_ends_it_before_anything_begins) {
    now = start + 30s;
    BOOST_TEST(tell(type::started) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::timeout);
    BOOST_TEST(way.attempts() == 0U);
}

BOOST_AUTO_TEST_CASE(an_attempt_begins_once_and_has_its_own_bound) {
    lease();
    now += 5s;
    BOOST_TEST(broken(lost(), true) == action::acquire);
    BOOST_TEST(way.in_attempt());
    lease(); // its connection was replaced
    BOOST_TEST(way.attempts() == 1U);
    BOOST_TEST((way.next_deadline() == start + 10s));
    attempt(unavailable());
    BOOST_TEST((way.next_deadline() == start + 30s));
}

BOOST_AUTO_TEST_CASE(an_attempt_without_a_bound_has_that_of_the_exchange) {
    tell(type::started);
    fsm::event event{type::leased};
    event.now = now;
    way.resume(event, {options, std::chrono::nanoseconds::max(), budget});
    BOOST_TEST((way.next_deadline() == start + 30s));
}

BOOST_AUTO_TEST_CASE(F5_the_deadline_ends_it_with_the_attempts_own_error) {
    way = fsm(start, start + 1s + 150ms);
    BOOST_TEST(attempt(unavailable(), ~std::uint32_t(0)) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::unavailable);
    BOOST_TEST(earlier().empty());
}

BOOST_AUTO_TEST_CASE(F5_a_deadline_that_passes_in_the_pause_ends_it) {
    BOOST_TEST(attempt(unavailable()) == action::pause);
    now = start + 30s; // the process was stopped meanwhile
    BOOST_TEST(tell(type::pause_over) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::timeout);
    BOOST_TEST(way.failure()->phase == phase::backoff);
    BOOST_TEST(earlier().size() == 1U);
}

BOOST_AUTO_TEST_CASE(F5_a_deadline_in_the_queue_is_an_attempt_while_a_connection_is_being_opened) {
    for (bool const coming : {false, true}) {
        way = fsm(start, start + 30s);
        now = start;
        tell(type::started);
        now = start + 30s;
        opening = coming;
        BOOST_TEST(tell(type::unserved, base::deadline_is_over(phase::connect)) == action::finish);
        BOOST_TEST(way.failure()->attempts == (coming ? 1U : 0U));
    }
}

BOOST_AUTO_TEST_CASE(an_attempt_that_takes_too_long_is_followed_by_another) {
    lease();
    now = start + 10s;
    BOOST_TEST(tell(type::overdue) == action::interrupt);
    BOOST_TEST(interrupted() == action::judge);
    BOOST_TEST(way.failure()->kind == error_kind::timeout);
    BOOST_TEST(classified() == action::pause);
    BOOST_TEST(budget.left() == 490U);
}

BOOST_AUTO_TEST_CASE(an_answer_in_the_very_step_in_which_its_time_was_over_stands) {
    lease();
    now = start + 30s;
    BOOST_TEST(tell(type::overdue) == action::interrupt);
    BOOST_TEST(tell(type::answered) == action::finish);
    BOOST_TEST(way.failure() == nullptr);

    way = fsm(start, start + 30s);
    now = start;
    lease();
    now = start + 10s;
    BOOST_TEST(tell(type::overdue) == action::interrupt);
    BOOST_TEST(tell(type::answered, unavailable()) == action::judge);
    BOOST_TEST(way.failure()->http_status == 503U);
}

BOOST_AUTO_TEST_CASE(F5_an_attempt_that_is_overdue_at_the_very_deadline_is_the_last) {
    lease();
    now = start + 30s;
    BOOST_TEST(tell(type::overdue) == action::interrupt);
    BOOST_TEST(interrupted() == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::timeout);
}

BOOST_AUTO_TEST_SUITE_END()
