// An exchange that is ended from outside.
#include "core/exchange_fsm.hpp"
#include "core/exchange_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using core::stop_reason;
using fixture = test::exchange_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(exchange_fsm, fixture)

BOOST_AUTO_TEST_CASE(F6_is_cancelled_at_each_step) {
    BOOST_TEST(stop(stop_reason::canceled) == action::none); // nothing has begun
    tell(type::started);
    BOOST_TEST(stop(stop_reason::canceled, phase::dns) == action::finish);
    BOOST_TEST(way.failure()->phase == phase::dns);
    BOOST_TEST(stop(stop_reason::canceled) == action::none); // it is over

    way = fsm(start, start + 30s);
    lease();
    BOOST_TEST(stop(stop_reason::canceled) == action::interrupt);
    BOOST_TEST(interrupted(phase::write) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
    BOOST_TEST(way.failure()->phase == phase::write);

    way = fsm(start, start + 30s);
    lease();
    tell(type::answered, unavailable());
    BOOST_TEST(stop(stop_reason::canceled) == action::none); // the classifier is being asked
    BOOST_TEST(classified() == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);

    way = fsm(start, start + 30s);
    BOOST_TEST(attempt(unavailable()) == action::pause);
    BOOST_TEST(stop(stop_reason::canceled) == action::finish);
    BOOST_TEST(way.failure()->phase == phase::backoff);
    BOOST_TEST(earlier().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_first_reason_to_end_it_stands) {
    lease();
    BOOST_TEST(stop(stop_reason::closed) == action::interrupt);
    BOOST_TEST(stop(stop_reason::canceled) == action::none);
    BOOST_TEST(interrupted() == action::finish);
    BOOST_TEST(way.failure()->message == "the client is closed");
}

BOOST_AUTO_TEST_CASE(the_end_of_an_attempt_gives_way_to_that_of_the_exchange) {
    lease();
    now = start + 10s;
    BOOST_TEST(tell(type::overdue) == action::interrupt);
    BOOST_TEST((way.next_deadline() == start + 30s));
    BOOST_TEST(stop(stop_reason::canceled) == action::interrupt);
    BOOST_TEST((way.next_deadline() == base::clock::time_point::max()));
    BOOST_TEST(interrupted() == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(F9_of_an_answer_in_the_step_of_a_cancellation_a_token_alone_stands) {
    lease();
    stop(stop_reason::canceled);
    BOOST_TEST(tell(type::answered) == action::finish);
    BOOST_TEST(way.failure() == nullptr);

    way = fsm(start, start + 30s);
    lease();
    stop(stop_reason::canceled);
    BOOST_TEST(tell(type::answered, unavailable()) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(a_stopped_exchange_is_not_replaced_on_another_connection) {
    lease();
    stop(stop_reason::canceled);
    BOOST_TEST(broken(lost(), true) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(F6_who_leaves_the_queue_has_made_an_attempt_while_a_connection_is_being_opened) {
    for (bool const coming : {false, true}) {
        way = fsm(start, start + 30s);
        tell(type::started);
        opening = coming;
        BOOST_TEST(stop(stop_reason::canceled) == action::finish);
        BOOST_TEST(way.failure()->attempts == (coming ? 1U : 0U));
    }
}

BOOST_AUTO_TEST_SUITE_END()
