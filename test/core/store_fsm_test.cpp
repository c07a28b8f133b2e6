// The course of a flight with a token store.
#include "core/store_fsm_fixture.hpp"
#include "core/store_record.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::store_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

BOOST_AUTO_TEST_CASE(a_token_that_is_there_is_served_and_nothing_else_is_done) {
    store(record_of("stored"));
    BOOST_TEST(begin() == action::look);
    BOOST_TEST(looked() == action::serve);
    BOOST_TEST(served().access_token.reveal() == "stored");
    BOOST_TEST(flight->take_notes() == note::hit);
    BOOST_TEST(told() == action::none);
}

BOOST_AUTO_TEST_CASE(without_a_token_the_winner_of_the_lease_exchanges_writes_and_releases) {
    begin_exchange();
    BOOST_TEST(flight->take_notes() == (note::miss | note::lease_won));
    auto fresh = token_of("fresh", 600s);
    now += 1s;
    fresh.requested.steady = now;
    now += 1s;
    BOOST_TEST(exchanged(fresh) == action::swap);
    BOOST_TEST(flight->name() == wanted.names.front());
    BOOST_TEST(!flight->expected().has_value());
    BOOST_TEST((flight->life() == 599s));
    BOOST_REQUIRE(flight->desired() != nullptr);
    BOOST_TEST((flight->desired()->generation == store_time() - 1s)); // when it was requested
    BOOST_TEST((flight->desired()->life == 600s));
    BOOST_TEST(answered() == action::release);
    BOOST_TEST(flight->take_notes() == note::written);
    BOOST_TEST(answered() == action::none);
}

BOOST_AUTO_TEST_CASE(a_token_that_came_between_the_two_looks_is_served_and_the_lease_released) {
    begin();
    looked();
    store(record_of("between"));
    BOOST_TEST(acquired(true) == action::serve);
    BOOST_TEST(told() == action::release);
    BOOST_TEST(answered() == action::none);
}

BOOST_AUTO_TEST_CASE(an_exchange_that_fails_releases_the_lease_and_writes_nothing) {
    begin_exchange();
    BOOST_TEST(exchange_broken() == action::release);
    BOOST_TEST(answered() == action::none);
}

BOOST_AUTO_TEST_CASE(P13_a_permanent_refusal_is_written_for_one_second) {
    begin_exchange();
    BOOST_TEST(exchange_refused() == action::swap);
    BOOST_TEST((flight->desired()->is == core::store_record::content::refusal));
    BOOST_TEST((flight->life() == 1s));
    BOOST_TEST(answered() == action::release);
}

BOOST_AUTO_TEST_CASE(P16_a_token_without_a_lifetime_is_not_written) {
    begin_exchange();
    auto fresh = token_of("fresh");
    fresh.expires_in.reset();
    BOOST_TEST(exchanged(fresh) == action::release);
}

BOOST_AUTO_TEST_CASE(what_someone_else_has_written_meanwhile_stays) {
    begin_exchange();
    exchanged(token_of("fresh"));
    BOOST_TEST(answered(false) == action::release);
    BOOST_TEST((flight->take_notes() & note::written) == 0U);
}

BOOST_AUTO_TEST_CASE(a_cancellation_while_another_exchanges_ends_it) {
    begin();
    looked();
    acquired(false);
    BOOST_TEST(tell({type::canceled}) == action::fail);
    BOOST_TEST((flight->take_failure().kind == error_kind::canceled));
    BOOST_TEST(told() == action::release);
}

BOOST_AUTO_TEST_CASE(a_cancellation_during_the_pause_or_the_cool_down_ends_it) {
    begin();
    failed();
    BOOST_TEST(tell({type::canceled}) == action::fail);
    BOOST_TEST(told() == action::none); // no lease was asked for
}

BOOST_AUTO_TEST_SUITE_END()
