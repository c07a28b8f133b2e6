// An exchange for which no connection can be opened.
#include "base/failure.hpp"
#include "core/exchange_fsm.hpp"
#include "core/exchange_fsm_fixture.hpp"
#include "core/retry_policy.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using core::stop_reason;

namespace {

struct fixture : test::exchange_fsm_fixture {
    /// No connection was opened, and it goes on if it may.
    action unserved(error_info why, bool pays = true) {
        fsm::event event{type::unserved};
        event.why = &why;
        auto const first = tell(event);
        if (first != action::judge) return first;
        fsm::event classified{type::classified};
        classified.pays = pays;
        auto const next = tell(classified);
        if (next != action::pause) return next;
        BOOST_TEST((way.resume_at() == now)); // the pool spaces the openings
        return tell(type::pause_over);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(exchange_fsm, fixture)

BOOST_AUTO_TEST_CASE(a_connection_that_cannot_be_opened_is_an_attempt) {
    tell(type::started);
    BOOST_TEST(tell(type::unserved, no_connection()) == action::judge);
    BOOST_TEST(way.attempts() == 1U);
    BOOST_TEST(!way.in_attempt());
    BOOST_TEST(classified() == action::pause);
    BOOST_TEST((way.resume_at() == now)); // the pool spaces the openings
    BOOST_TEST(tell(type::pause_over) == action::acquire);
    BOOST_TEST(way.has_waited());
}

BOOST_AUTO_TEST_CASE(G16_attempts_that_send_nothing_are_made_until_the_deadline) {
    tell(type::started);
    for (unsigned i = 1; i <= 20; ++i) {
        BOOST_TEST(unserved(no_connection()) == action::acquire);
        BOOST_TEST(way.attempts() == i);
        now += 1s;
    }
    now = start + 30s;
    BOOST_TEST(unserved(base::deadline_is_over(phase::queue)) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::connect); // the cause
    BOOST_TEST(way.failure()->attempts == 20U);
    BOOST_TEST(earlier().size() == 19U);
    BOOST_TEST(!way.failure()->request_sent);
}

BOOST_AUTO_TEST_CASE(G16_of_a_great_many_the_error_keeps_the_first_and_the_latest) {
    way = fsm(start, start + 1h);
    tell(type::started);
    for (int i = 0; i < 200; ++i) {
        BOOST_TEST(unserved(no_connection(), false) == action::acquire);
        now += 1s;
    }
    tell(type::unserved, no_connection());
    classified(0, retry_decision::give_up);
    BOOST_TEST(way.failure()->attempts == 201U);
    BOOST_REQUIRE(earlier().size() == 64U);
    BOOST_TEST((earlier()[15].elapsed == 15s));
    BOOST_TEST((earlier()[16].elapsed == 152s));
    BOOST_TEST((earlier().back().elapsed == 199s));
}

BOOST_AUTO_TEST_CASE(G16_they_leave_the_other_attempts_and_their_waits_as_they_are) {
    tell(type::started);
    for (int i = 0; i < 10; ++i)
        unserved(no_connection());
    for (int i = 0; i < 4; ++i) {
        if (way.is() != state::leased) lease();
        way.request_sent();
        tell(type::answered, unavailable());
        BOOST_TEST(classified() == action::pause);
        if (i == 0) BOOST_TEST((way.resume_at() == now + 150ms));
    }
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(way.failure()->attempts == 15U);
}

BOOST_AUTO_TEST_CASE(G16_a_connection_lost_before_anything_was_sent_is_free_and_spaced) {
    way = fsm(start, start + 1h);
    std::vector<std::chrono::nanoseconds> waits;
    for (int i = 0; i < 6; ++i) {
        lease();
        broken(lost());
        BOOST_TEST(classified() == action::pause);
        waits.push_back(way.resume_at() - now);
        now = way.resume_at();
    }
    std::vector<std::chrono::nanoseconds> const expected = {150ms,     375ms,  937500us,
                                                            2343750us, 2500ms, 2500ms};
    BOOST_TEST(waits == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(G16_with_one_attempt_allowed_nothing_is_tried_again) {
    options.max_attempts = 1;
    tell(type::started);
    BOOST_TEST(unserved(no_connection()) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::connect);
    way = fsm(start, start + 30s);
    lease();
    BOOST_TEST(broken(lost(), true) == action::acquire); // but a stale connection is replaced
}

BOOST_AUTO_TEST_CASE(G16_what_was_sent_over_a_stale_connection_counts_when_none_replaces_it) {
    options.max_attempts = 2;
    for (int i = 0; i < 2; ++i) {
        if (way.is() == state::waiting)
            tell(type::leased);
        else
            lease();
        way.request_sent();
        BOOST_TEST(broken(lost(), i == 0) == (i == 0 ? action::acquire : action::judge));
        if (i == 0)
            BOOST_TEST(unserved(no_connection()) == action::acquire);
        else
            BOOST_TEST(classified() == action::finish);
    }
    BOOST_TEST(way.failure()->attempts == 2U);
}

BOOST_AUTO_TEST_CASE(G16_of_those_that_share_an_opening_one_pays_for_it) {
    for (bool const pays : {true, false}) {
        way = fsm(start, start + 30s);
        tell(type::started);
        BOOST_TEST(unserved(no_connection(), pays) == action::acquire);
    }
    BOOST_TEST(budget.left() == 495U);
    budget = core::retry_budget(4);
    for (bool const pays : {true, false}) {
        way = fsm(start, start + 30s);
        tell(type::started);
        BOOST_TEST(unserved(no_connection(), pays) == (pays ? action::finish : action::acquire));
    }
    options.budget = 0; // no retries at all
    way = fsm(start, start + 30s);
    tell(type::started);
    BOOST_TEST(unserved(no_connection(), false) == action::finish);
}

BOOST_AUTO_TEST_CASE(G16_a_deadline_that_passes_before_it_waits_again_leaves_the_cause) {
    tell(type::started);
    tell(type::unserved, no_connection());
    BOOST_TEST(classified() == action::pause);
    now = start + 30s;
    BOOST_TEST(tell(type::pause_over) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::connect);
    BOOST_TEST(earlier().empty());
}

BOOST_AUTO_TEST_CASE(G16_is_cancelled_while_it_waits_for_the_next_opening) {
    tell(type::started);
    unserved(no_connection());
    BOOST_TEST(stop(stop_reason::canceled) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
    BOOST_TEST(earlier().size() == 1U);
}

BOOST_AUTO_TEST_CASE(G16_a_deadline_while_a_connection_is_being_opened_is_a_timeout) {
    tell(type::started);
    unserved(no_connection());
    opening = true;
    now = start + 30s;
    BOOST_TEST(unserved(base::deadline_is_over(phase::connect)) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::timeout);
    BOOST_TEST(way.failure()->attempts == 2U);
    BOOST_TEST(earlier().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
