// An exchange whose service asks for a nonce in the proof.
#include "base/failure.hpp"
#include "core/exchange_fsm.hpp"
#include "core/exchange_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using core::stop_reason;

namespace {

struct fixture : test::exchange_fsm_fixture {
    action wants_nonce() {
        auto why = base::failure(error_kind::oauth, phase::oauth, "refused");
        why.http_status = 400;
        why.oauth_error = "use_dpop_nonce";
        fsm::event event{type::answered};
        event.why = &why;
        event.new_nonce = true;
        return tell(event);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(exchange_fsm_that_signs)

BOOST_FIXTURE_TEST_CASE(N4_a_nonce_that_is_asked_for_is_sent_in_the_same_attempt, fixture) {
    options.max_attempts = 1;
    lease();
    way.request_sent();
    BOOST_TEST(wants_nonce() == action::acquire);
    BOOST_TEST(way.attempts() == 1U);
    BOOST_TEST(tell(type::leased) == action::send);
    BOOST_TEST(tell(type::answered) == action::finish);
    BOOST_TEST(way.failure() == nullptr);
}

BOOST_FIXTURE_TEST_CASE(N4_a_nonce_may_be_sent_over_any_connection, fixture) {
    BOOST_TEST(attempt(lost()) == action::pause);
    lease();
    BOOST_TEST(way.fresh_only());
    BOOST_TEST(wants_nonce() == action::acquire);
    BOOST_TEST(!way.fresh_only());
}

BOOST_FIXTURE_TEST_CASE(N5_nonces_are_sent_three_times_an_attempt, fixture) {
    lease();
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(wants_nonce() == action::acquire);
        BOOST_TEST(tell(type::leased) == action::send);
    }
    BOOST_TEST(wants_nonce() == action::judge);
    BOOST_TEST(classified() == action::finish);
    BOOST_TEST(way.failure()->attempts == 1U);
    BOOST_TEST(way.failure()->oauth_error == "use_dpop_nonce");
}

BOOST_FIXTURE_TEST_CASE(N5_a_further_attempt_may_be_asked_for_nonces_again, fixture) {
    lease();
    for (int i = 0; i < 3; ++i) {
        wants_nonce();
        tell(type::leased);
    }
    BOOST_TEST(tell(type::answered, unavailable()) == action::judge);
    BOOST_TEST(classified() == action::pause);
    now = way.resume_at();
    lease();
    BOOST_TEST(wants_nonce() == action::acquire);
    BOOST_TEST(way.attempts() == 2U);
}

BOOST_FIXTURE_TEST_CASE(N4_a_stop_and_a_closed_client_end_the_dance, fixture) {
    lease();
    BOOST_TEST(stop(stop_reason::canceled) == action::interrupt);
    BOOST_TEST(wants_nonce() == action::finish);
    BOOST_TEST((way.failure()->kind == error_kind::canceled));
    way = fsm(start, start + 30s);
    lease();
    closed = true;
    BOOST_TEST(wants_nonce() == action::judge);
}

BOOST_FIXTURE_TEST_CASE(N4_the_deadlines_of_attempt_and_exchange_stay, fixture) {
    lease();
    auto const until = way.next_deadline();
    now += 2s;
    wants_nonce();
    tell(type::leased);
    BOOST_TEST((way.next_deadline() == until));
}

BOOST_AUTO_TEST_SUITE_END()
