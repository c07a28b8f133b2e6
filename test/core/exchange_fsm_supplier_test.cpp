// An exchange whose subject token comes from a supplier.
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

error_info unauthorized() {
    auto info = base::failure(error_kind::oauth, phase::oauth, "refused");
    info.http_status = 401;
    return info;
}

struct supplied : test::exchange_fsm_fixture {
    supplied() { way = fsm(start, start + 30s, true); }

    /// The service refuses for this reason, and the supplier has no other token.
    void refused_without_another(char const* oauth_error) {
        auto refusal = unauthorized();
        refusal.oauth_error = oauth_error;
        BOOST_TEST(attempt(refusal) == action::ask);
        BOOST_TEST(tell(type::supplied, base::failure(error_kind::oauth, phase::supplier, "the same")) ==
                   action::finish);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(exchange_fsm_with_a_supplier, supplied)

BOOST_AUTO_TEST_CASE(the_subject_token_is_asked_for_first) {
    BOOST_TEST(tell(type::started) == action::ask);
    BOOST_TEST(tell(type::supplied) == action::acquire);
    BOOST_TEST(!way.has_waited());
    BOOST_TEST(tell(type::leased) == action::send);
}

BOOST_AUTO_TEST_CASE(without_a_subject_token_it_ends_with_the_suppliers_error) {
    tell(type::started);
    BOOST_TEST(tell(type::supplied, base::failure(error_kind::config, phase::supplier, "none")) ==
               action::finish);
    BOOST_TEST(way.failure()->message == "none");
    BOOST_TEST(way.failure()->attempts == 0U);
}

BOOST_AUTO_TEST_CASE(G10_a_refused_subject_token_is_asked_for_again_once) {
    for (auto const status : {400U, 401U}) {
        way = fsm(start, start + 30s, true);
        auto refusal = unauthorized();
        refusal.http_status = status;
        BOOST_TEST(attempt(refusal) == action::ask);
        BOOST_TEST(way.refusal_stands());
        BOOST_TEST(tell(type::supplied) == action::acquire);
        BOOST_TEST(!way.refusal_stands());
        BOOST_TEST(attempt(refusal) == action::finish);
        BOOST_TEST(way.attempts() == 2U);
        BOOST_TEST(earlier().size() == 1U);
    }
    BOOST_TEST(budget.left() == 500U); // that is no retry
}

BOOST_AUTO_TEST_CASE(G10_the_refusal_is_told_where_there_is_no_other_subject_token) {
    refused_without_another("invalid_grant");
    BOOST_TEST(way.failure()->message == "refused; no second attempt: the same");
    BOOST_TEST(way.failure()->http_status == 401U);
}

BOOST_AUTO_TEST_CASE(G10_a_refusal_for_another_reason_says_nothing_of_the_subject_token) {
    refused_without_another("invalid_scope");
    BOOST_TEST(way.failure()->message == "refused");
}

BOOST_AUTO_TEST_CASE(G10_not_after_a_classifier_gave_up_nor_where_one_attempt_is_allowed) {
    lease();
    tell(type::answered, unauthorized());
    BOOST_TEST(classified(0, retry_decision::give_up) == action::finish);
    way = fsm(start, start + 30s, true);
    options.max_attempts = 1;
    BOOST_TEST(attempt(unauthorized()) == action::finish);
}

BOOST_AUTO_TEST_CASE(I4_a_proxys_refusal_is_none_of_the_subject_token) {
    auto refusal = base::failure(error_kind::proxy, phase::proxy, "");
    refusal.http_status = 401;
    BOOST_TEST(attempt(refusal) == action::finish);
}

BOOST_AUTO_TEST_CASE(a_subject_token_that_expired_in_the_pause_is_asked_for_anew) {
    BOOST_TEST(attempt(unavailable()) == action::pause);
    fsm::event over{type::pause_over};
    over.other_subject = true;
    BOOST_TEST(tell(over) == action::ask);
    BOOST_TEST(tell(type::supplied) == action::acquire);
    BOOST_TEST(way.has_waited());
}

BOOST_AUTO_TEST_CASE(F6_is_cancelled_while_the_subject_token_is_asked_for) {
    tell(type::started);
    BOOST_TEST(stop(stop_reason::canceled) == action::finish);
    BOOST_TEST(way.failure()->phase == phase::supplier);

    way = fsm(start, start + 30s, true);
    BOOST_TEST(attempt(unauthorized()) == action::ask);
    BOOST_TEST(stop(stop_reason::closed) == action::finish); // what the service said no longer matters
    BOOST_TEST(way.failure()->kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(G10_it_is_asked_again_if_there_may_be_two_attempts_and_not_if_there_may_be_one) {
    for (unsigned const most : {1U, 2U}) {
        way = fsm(start, start + 30s, true);
        options.max_attempts = most;
        BOOST_TEST(attempt(unauthorized()) == (most == 2 ? action::ask : action::finish));
    }
}

BOOST_AUTO_TEST_SUITE_END()
