// An exchange whose requests are signed.
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

struct signing : test::exchange_fsm_fixture {
    signing() { way = fsm(start, start + 30s, false, true); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(exchange_fsm_that_signs)

BOOST_FIXTURE_TEST_CASE(signatures_are_made_before_each_sending, signing) {
    BOOST_TEST(tell(type::started) == action::sign);
    BOOST_TEST(way.is() == state::signing);
    BOOST_TEST(tell(type::signatures) == action::acquire);
    BOOST_TEST(tell(type::leased) == action::send);
    way.request_sent();
    BOOST_TEST(broken(base::failure(error_kind::network, phase::read, ""), true) == action::sign); // stale
    BOOST_TEST(tell(type::signatures) == action::acquire);
    BOOST_TEST(tell(type::leased) == action::send);
    BOOST_TEST(unprocessed() == action::sign);
    BOOST_TEST(tell(type::signatures) == action::acquire);
    BOOST_TEST(tell(type::leased) == action::send);
    BOOST_TEST(tell(type::answered, unavailable()) == action::judge);
    BOOST_TEST(classified() == action::pause);
    now = way.resume_at();
    BOOST_TEST(tell(type::pause_over) == action::sign);
    BOOST_TEST(way.attempts() == 1U);
}

BOOST_FIXTURE_TEST_CASE(signatures_follow_the_subject_token, signing) {
    way = fsm(start, start + 30s, true, true);
    BOOST_TEST(tell(type::started) == action::ask);
    BOOST_TEST(tell(type::supplied) == action::sign);
}

BOOST_FIXTURE_TEST_CASE(O7_a_key_that_cannot_sign_ends_the_exchange, signing) {
    tell(type::started);
    BOOST_TEST(tell(type::signatures, base::failure(error_kind::key, phase::sign, "pulled out")) ==
               action::finish);
    BOOST_TEST((way.failure()->kind == error_kind::key));
    BOOST_TEST(way.failure()->attempts == 0U);
    BOOST_TEST(!way.failure()->request_sent);
}

BOOST_FIXTURE_TEST_CASE(O8_a_stop_ends_the_wait_for_signatures, signing) {
    for (auto const reason : {stop_reason::canceled, stop_reason::closed, stop_reason::timed_out}) {
        way = fsm(start, start + 30s, false, true);
        tell(type::started);
        BOOST_TEST(stop(reason) == action::finish);
        BOOST_TEST((way.failure()->phase == phase::sign));
    }
}

BOOST_AUTO_TEST_SUITE_END()
