// An exchange that needs another connection than the one it had.
#include "base/failure.hpp"
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

BOOST_AUTO_TEST_CASE(M23_what_was_surely_not_processed_is_no_attempt_up_to_four_times) {
    options.replay = replay_policy::unsent_only;
    options.max_attempts = 1;
    lease();
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST(unprocessed() == action::acquire);
        BOOST_TEST(way.fresh_only());
        BOOST_TEST(tell(type::leased) == action::send);
        BOOST_TEST(way.attempts() == 1U);
    }
    BOOST_TEST(unprocessed() == action::judge);
    BOOST_TEST(classified() == action::finish);
    BOOST_TEST(!way.failure()->request_sent);
}

BOOST_AUTO_TEST_CASE(M23_once_the_client_is_closed_nothing_is_sent_again) {
    lease();
    closed = true;
    BOOST_TEST(unprocessed() == action::judge);
}

BOOST_AUTO_TEST_CASE(M23_a_cancelled_exchange_is_not_sent_again) {
    lease();
    BOOST_TEST(stop(stop_reason::canceled) == action::interrupt);
    BOOST_TEST(unprocessed() == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(a_stale_connection_is_replaced_once_within_the_attempt) {
    lease();
    way.request_sent();
    BOOST_TEST(broken(lost(), true) == action::acquire);
    BOOST_TEST(way.fresh_only());
    lease();
    BOOST_TEST(broken(lost(), true) == action::judge);
    BOOST_TEST(way.attempts() == 1U);
}

BOOST_AUTO_TEST_CASE(G17_after_a_failure_of_the_connection_or_server_a_new_connection_is_needed) {
    for (auto const& failed : {unavailable(), lost(), base::failure(error_kind::timeout, phase::read, "")}) {
        way = fsm(start, start + 30s);
        now = start;
        BOOST_TEST(attempt(failed) == action::pause);
        BOOST_TEST(tell(type::pause_over) == action::acquire);
        BOOST_TEST(way.fresh_only());
    }
}

BOOST_AUTO_TEST_CASE(G17_after_a_request_to_wait_any_connection_will_do) {
    lease();
    BOOST_TEST(broken(lost(), true) == action::acquire);
    auto busy = unavailable();
    busy.http_status = 429;
    BOOST_TEST(attempt(busy) == action::pause);
    BOOST_TEST(tell(type::pause_over) == action::acquire);
    BOOST_TEST(!way.fresh_only());
}

BOOST_AUTO_TEST_CASE(C23_a_connection_that_ends_with_its_resumed_session_is_replaced_once) {
    for (auto const& why : {lost(), base::failure(error_kind::tls, phase::read, "")}) {
        way = fsm(start, start + 30s);
        lease();
        way.request_sent();
        fsm::event event{type::broken};
        auto first = why;
        event.why = &first;
        event.resumed = true;
        BOOST_TEST(tell(event) == action::acquire);
        BOOST_TEST(way.fresh_only());
        lease();
        auto second = why;
        event.why = &second;
        BOOST_TEST(tell(event) == action::judge);
        BOOST_TEST(way.attempts() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(E3_a_fresh_or_answering_connection_is_not_replaced) {
    lease();
    BOOST_TEST(broken(lost()) == action::judge);
    way = fsm(start, start + 30s);
    lease();
    BOOST_TEST(broken(lost(), true, true) == action::judge);
    way = fsm(start, start + 30s);
    lease();
    BOOST_TEST(broken(base::failure(error_kind::tls, phase::read, ""), true) == action::judge);
    way = fsm(start, start + 30s);
    lease();
    BOOST_TEST(broken(lost(), true) == action::acquire);
}

BOOST_AUTO_TEST_CASE(G12_a_stale_connection_that_was_written_to_is_not_replaced_for_a_single_use_token) {
    options.replay = replay_policy::unsent_only;
    lease();
    BOOST_TEST(broken(lost(), true) == action::acquire);
    way = fsm(start, start + 30s);
    lease();
    way.request_sent();
    BOOST_TEST(broken(lost(), true) == action::judge);
}

BOOST_AUTO_TEST_SUITE_END()
