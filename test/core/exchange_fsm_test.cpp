// The states of an exchange, step by step in simulated time: what happens, and what is to be done about it.
#include "base/failure.hpp"
#include "core/exchange_fsm.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <string_view>
#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fsm = core::exchange_fsm;
using action = fsm::action;
using state = fsm::state;
using type = fsm::event::type;
using core::stop_reason;

namespace equinix::sts::core {

std::ostream& operator<<(std::ostream& out, action one) {
    constexpr std::array<std::string_view, 9> names = {"none",      "ask",   "sign",  "acquire", "send",
                                                       "interrupt", "judge", "pause", "finish"};
    static_assert(names.size() == static_cast<std::size_t>(action::finish) + 1);
    return out << names[static_cast<std::size_t>(one)];
}

std::ostream& operator<<(std::ostream& out, state one) {
    constexpr std::array<std::string_view, 8> names = {"fresh",  "asking",  "signing", "waiting",
                                                       "leased", "judging", "pausing", "done"};
    static_assert(names.size() == static_cast<std::size_t>(state::done) + 1);
    return out << names[static_cast<std::size_t>(one)];
}

} // namespace equinix::sts::core

namespace {

using core::operator<<;

struct fixture {
    base::clock::time_point const start = base::clock::time_point() + 1000h;
    base::clock::time_point now = start;
    retry_options options;
    core::retry_budget budget{500};
    bool closed = false, opening = false;
    fsm way{start, start + 30s};

    action tell(fsm::event what) {
        what.now = now;
        return way.resume(what, {options, 10s, budget, closed, opening});
    }
    action tell(type what) { return tell(fsm::event{what}); }
    action tell(type what, error_info why) {
        fsm::event event{what};
        event.why = &why;
        return tell(event);
    }
    action stop(stop_reason why, phase where = phase::queue) {
        fsm::event event{type::stopped};
        event.reason = why;
        event.where = where;
        return tell(event);
    }
    action interrupted(phase where = phase::read) {
        fsm::event event{type::interrupted};
        event.where = where;
        return tell(event);
    }
    action unprocessed() {
        auto why = base::failure(error_kind::network, phase::write, "refused");
        fsm::event event{type::broken};
        event.why = &why;
        event.unprocessed = true;
        return tell(event);
    }
    action wants_nonce() {
        auto why = base::failure(error_kind::oauth, phase::oauth, "refused");
        why.http_status = 400;
        why.oauth_error = "use_dpop_nonce";
        fsm::event event{type::answered};
        event.why = &why;
        event.new_nonce = true;
        return tell(event);
    }
    action broken(error_info why, bool stale = false, bool answer_begun = false) {
        fsm::event event{type::broken};
        event.why = &why;
        event.stale = stale;
        event.answer_begun = answer_begun;
        return tell(event);
    }
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
    action classified(std::uint32_t random = 0, retry_decision said = retry_decision::by_default) {
        fsm::event event{type::classified};
        event.random = random;
        event.said = said;
        return tell(event);
    }

    /// Until it has a connection.
    void lease() {
        if (way.is() == state::fresh) tell(type::started);
        if (way.is() == state::asking) tell(type::supplied);
        if (way.is() == state::pausing) tell(type::pause_over);
        BOOST_TEST(tell(type::leased) == action::send);
    }

    /// One attempt that takes a second and fails; where it pauses, the pause is over.
    action attempt(error_info const& failed, std::uint32_t random = 0) {
        if (way.is() != state::leased) lease();
        if (failed.kind != error_kind::connect) way.request_sent();
        now += 1s;
        BOOST_TEST(tell(type::answered, failed) == action::judge);
        auto const next = classified(random);
        if (next == action::pause) now = way.resume_at();
        return next;
    }

    std::vector<attempt_error> const& earlier() const { return way.failure()->earlier; }
};

struct signing : fixture {
    signing() { way = fsm(start, start + 30s, false, true); }
};

struct supplied : fixture {
    supplied() { way = fsm(start, start + 30s, true); }
};

error_info unavailable() {
    auto info = base::failure(error_kind::unavailable, phase::parse, "");
    info.http_status = 503;
    return info;
}

error_info unauthorized() {
    auto info = base::failure(error_kind::oauth, phase::oauth, "refused");
    info.http_status = 401;
    return info;
}

error_info lost() {
    return base::failure(error_kind::network, phase::read, "");
}

error_info no_connection() {
    return base::failure(error_kind::connect, phase::connect, "");
}

} // namespace

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

BOOST_AUTO_TEST_CASE(a_deadline_that_is_over_ends_it_before_anything_begins) {
    now = start + 30s;
    BOOST_TEST(tell(type::started) == action::finish);
    BOOST_TEST(way.failure()->kind == error_kind::timeout);
    BOOST_TEST(way.attempts() == 0U);
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

BOOST_AUTO_TEST_CASE(G4_ends_after_exactly_the_attempts_allowed) {
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(attempt(unavailable()) == action::pause);
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(way.attempts() == 5U);
    BOOST_TEST(way.failure()->attempts == 5U);
    BOOST_TEST(budget.left() == 480U);
}

BOOST_AUTO_TEST_CASE(G15_what_is_to_be_sent_once_is_not_sent_again) {
    way.send_once(true);
    lease();
    way.request_sent();
    BOOST_TEST(broken(lost(), true) == action::judge);
    BOOST_TEST(classified() == action::finish);
    BOOST_TEST(way.failure()->message ==
               "; not retried because the subject token has expired according to the local clock");
}

BOOST_AUTO_TEST_CASE(G15_what_is_to_be_sent_once_is_not_asked_for_again) {
    way.send_once(true);
    lease();
    way.request_sent();
    BOOST_TEST(attempt(unavailable()) == action::finish);
    BOOST_TEST(way.failure()->message ==
               "; not retried because the subject token has expired according to the local clock");
}

BOOST_AUTO_TEST_CASE(G15_it_is_tried_again_as_long_as_nothing_was_sent) {
    way.send_once(true);
    BOOST_TEST(attempt(no_connection()) == action::pause);
}

BOOST_AUTO_TEST_CASE(G15_what_was_sent_with_another_subject_token_does_not_count) {
    way.request_sent();
    way.send_once(true);
    lease();
    BOOST_TEST(broken(lost(), true) == action::acquire);
    lease();
    BOOST_TEST(broken(lost()) == action::judge);
    BOOST_TEST(classified() == action::pause);
}

BOOST_AUTO_TEST_CASE(G15_another_subject_token_lifts_that) {
    way.send_once(true);
    way.send_once(false);
    way.request_sent();
    BOOST_TEST(attempt(unavailable()) == action::pause);
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

// ---- stopped --------------------------------------------------------------------------------------------

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

BOOST_AUTO_TEST_SUITE_END()

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
    BOOST_TEST(attempt(unauthorized()) == action::ask);
    BOOST_TEST(tell(type::supplied, base::failure(error_kind::oauth, phase::supplier, "the same")) ==
               action::finish);
    BOOST_TEST(way.failure()->message == "refused; no second attempt: the same");
    BOOST_TEST(way.failure()->http_status == 401U);
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

BOOST_AUTO_TEST_SUITE_END()

// ---- signatures and nonces ------------------------------------------------------------------------------

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
