// The states of one key's token, step by step in simulated time: what a caller gets, and when an exchange
// begins.
#include "base/failure.hpp"
#include "core/token_fsm.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <string_view>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fsm = core::token_fsm;
using action = fsm::action;
using answer = fsm::answer;
using landing = fsm::landing;
using meaning = fsm::meaning;
using state = fsm::state;
using type = fsm::event::type;

namespace equinix::sts::core {

template <class Enum, std::size_t N>
std::ostream& name_of(std::ostream& out, Enum one, std::array<std::string_view, N> const& names) {
    return out << names.at(static_cast<std::size_t>(one));
}
std::ostream& operator<<(std::ostream& out, action one) {
    return name_of(
        out, one,
        std::array<std::string_view, 7>{"none", "want", "refresh", "begin", "forgo", "abandon", "land"});
}
std::ostream& operator<<(std::ostream& out, answer one) {
    return name_of(out, one,
                   std::array<std::string_view, 5>{"nothing", "token", "failure", "no_time", "wait"});
}
std::ostream& operator<<(std::ostream& out, landing one) {
    return name_of(out, one, std::array<std::string_view, 3>{"ignored", "received", "failed"});
}
std::ostream& operator<<(std::ostream& out, meaning one) {
    return name_of(out, one, std::array<std::string_view, 3>{"new_failure", "refusal", "as_before"});
}
std::ostream& operator<<(std::ostream& out, state one) {
    return name_of(out, one, std::array<std::string_view, 4>{"resting", "wanted", "due", "flying"});
}

} // namespace equinix::sts::core

namespace {

error_info refused() {
    auto info = base::failure(error_kind::oauth, phase::oauth, "");
    info.http_status = 401;
    return info;
}

struct fixture {
    time_stamp now{base::clock::time_point() + 1000h, std::chrono::system_clock::time_point() + 1000h};
    fsm one;
    refresh_options options;

    void pass(std::chrono::nanoseconds time) {
        now.steady += time;
        now.system += std::chrono::duration_cast<std::chrono::system_clock::duration>(time);
    }
    fsm::step tell(fsm::event what) {
        what.now = now;
        return one.resume(what);
    }
    fsm::step tell(type what) { return tell(fsm::event{what}); }
    fsm::step ask(bool in_time = true, bool may_differ = false) {
        fsm::event what{type::asked};
        what.in_time = in_time;
        what.may_differ = may_differ;
        return tell(what);
    }
    fsm::step leave(bool others_wait = false) {
        fsm::event what{type::left};
        what.others_wait = others_wait;
        return tell(what);
    }
    fsm::step land(bool has_token, bool counts = true, std::uint32_t erasures = 0) {
        fsm::event what{type::landed};
        what.has_token = has_token;
        what.counts = counts;
        what.erasures = erasures;
        return tell(what);
    }
    bool receive(std::chrono::seconds life = 1h) {
        token fresh;
        fresh.expires_in = life;
        fresh.requested = now;
        return one.received(fresh, {}, now, options, 0);
    }
    meaning fail(error_info const& why, bool had_failed = false) {
        return one.failed(why, had_failed, now, 0);
    }

    void fly() {
        if (one.is() == state::resting) ask();
        tell(type::begun);
    }
    void hold(std::chrono::seconds life = 1h) {
        fly();
        land(true);
        receive(life);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_fsm, fixture)

BOOST_AUTO_TEST_CASE(J1_the_first_caller_wants_a_flight_and_the_others_wait_for_it) {
    auto const first = ask();
    BOOST_TEST(first.caller == answer::wait);
    BOOST_TEST(first.flight == action::want);
    BOOST_TEST(one.is() == state::wanted);
    BOOST_TEST(ask().flight == action::none);
    BOOST_TEST(tell(type::begun).flight == action::begin);
    auto const later = ask();
    BOOST_TEST(later.caller == answer::wait);
    BOOST_TEST(later.flight == action::none);
    BOOST_TEST(one.is() == state::flying);
}

BOOST_AUTO_TEST_CASE(a_token_that_has_landed_is_served) {
    fly();
    auto const landed = land(true);
    BOOST_TEST(landed.landed == landing::received);
    BOOST_TEST(landed.flight == action::land);
    BOOST_TEST(receive());
    BOOST_TEST(one.is() == state::resting);
    BOOST_TEST(ask().caller == answer::token);
    BOOST_TEST(tell(type::peeked).caller == answer::token);
}

BOOST_AUTO_TEST_CASE(who_does_not_wait_begins_no_flight) {
    auto const seen = tell(type::peeked);
    BOOST_TEST(seen.caller == answer::nothing);
    BOOST_TEST(seen.flight == action::none);
}

BOOST_AUTO_TEST_CASE(J2_a_token_that_is_due_is_served_and_refreshed_in_the_background) {
    hold();
    pass(50min);
    auto const seen = tell(type::peeked);
    BOOST_TEST(seen.caller == answer::token);
    BOOST_TEST(seen.flight == action::refresh);
    BOOST_TEST(one.is() == state::due);
    BOOST_TEST(tell(type::tended).flight == action::none); // once
}

BOOST_AUTO_TEST_CASE(no_refresh_is_begun_while_the_desk_is_closing) {
    hold();
    pass(50min);
    fsm::event what{type::peeked};
    what.closing = true;
    auto const seen = tell(what);
    BOOST_TEST(seen.caller == answer::token);
    BOOST_TEST(seen.flight == action::none);
}

BOOST_AUTO_TEST_CASE(a_caller_moves_a_refresh_forward_once_the_token_is_over) {
    hold();
    pass(50min);
    tell(type::tended);
    pass(1h);
    auto const asked = ask();
    BOOST_TEST(asked.caller == answer::wait);
    BOOST_TEST(asked.flight == action::want);
    BOOST_TEST(one.is() == state::wanted);
}

BOOST_AUTO_TEST_CASE(who_has_no_time_gets_no_flight) {
    auto const asked = ask(false);
    BOOST_TEST(asked.caller == answer::no_time);
    BOOST_TEST(asked.flight == action::none);
    hold();
    BOOST_TEST(ask(false).caller == answer::token);
}

// ---- leaving --------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(J8_a_token_that_ended_while_the_machine_slept_is_fetched_again) {
    fly();
    fsm::event what{type::landed};
    what.counts = what.has_token = true;
    what.ends = {now.steady + 1h, now.system + 1h};
    now.system += 2h;
    auto const landed = tell(what);
    BOOST_TEST(landed.landed == landing::ignored);
    BOOST_TEST(landed.flight == action::land);
    BOOST_TEST(tell(type::missed).flight == action::want);
}

BOOST_AUTO_TEST_CASE(a_token_that_ends_before_it_comes_serves_those_who_wait) {
    fly();
    fsm::event what{type::landed};
    what.counts = what.has_token = true;
    what.ends = {now.steady + 1s, now.system + 1s};
    pass(2s);
    BOOST_TEST(tell(what).landed == landing::received);
}

BOOST_AUTO_TEST_CASE(J5_the_last_caller_that_leaves_abandons_the_flight) {
    fly();
    BOOST_TEST(leave(true).flight == action::none);
    BOOST_TEST(leave().flight == action::abandon);
    BOOST_TEST(one.is() == state::resting);
    BOOST_TEST(one.flights() == 1U);
    BOOST_TEST(!one.is_idle());
    BOOST_TEST(land(false, false).landed == landing::ignored);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(a_flight_that_waits_for_its_turn_is_forgone) {
    ask();
    BOOST_TEST(leave().flight == action::forgo);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(a_flight_goes_on_while_a_valid_token_stands_in) {
    hold();
    pass(50min);
    tell(type::tended);
    tell(type::begun);
    BOOST_TEST(leave().flight == action::none);
    BOOST_TEST(one.is() == state::flying);
}

BOOST_AUTO_TEST_CASE(the_token_of_an_abandoned_flight_is_kept_where_there_is_none) {
    fly();
    leave();
    BOOST_TEST(land(true, false).landed == landing::received);
    fly();
    leave();
    ask();
    tell(type::begun);
    land(true);
    receive();
    BOOST_TEST(land(true, false).landed == landing::ignored); // a newer one is held
}

BOOST_AUTO_TEST_CASE(another_flight_may_begin_beside_an_abandoned_one) {
    fly();
    leave();
    BOOST_TEST(ask().flight == action::want);
    tell(type::begun);
    BOOST_TEST(one.flights() == 2U);
    BOOST_TEST(one.abandoned() == 1U);
}

// ---- failures -------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(L1_a_flight_that_cannot_be_begun_leaves_a_short_window) {
    ask();
    BOOST_TEST(tell(type::failed).flight == action::forgo);
    BOOST_TEST(ask().caller == answer::failure);
    pass(1s);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(J4_a_refusal_for_good_is_remembered_longer_than_a_passing_failure) {
    fly();
    BOOST_TEST(land(false).landed == landing::failed);
    BOOST_TEST(fail(base::failure(error_kind::network, phase::read, "")) == meaning::new_failure);
    pass(1s);
    BOOST_TEST(ask().caller == answer::wait);
    tell(type::begun);
    land(false);
    BOOST_TEST(fail(refused(), true) == meaning::refusal);
    pass(5s);
    BOOST_TEST(ask().caller == answer::failure);
    pass(6s);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(J5_a_failure_for_want_of_retries_is_remembered_longer_each_time) {
    auto spent = base::failure(error_kind::unavailable, phase::read, "");
    spent.budget_spent = true;
    for (int i = 0; i < 6; ++i) {
        fly();
        land(false);
        BOOST_TEST(fail(spent) == meaning::new_failure);
        pass(2s);
    }
    fly();
    land(false);
    fail(spent);
    pass(900ms);
    BOOST_TEST(ask().caller == answer::failure);
    pass(1100ms);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(a_refusal_that_asks_for_later_is_a_passing_failure) {
    auto later = refused();
    later.http_status = 503;
    fly();
    land(false);
    BOOST_TEST(fail(later) == meaning::new_failure);
}

BOOST_AUTO_TEST_CASE(another_services_refusal_is_none_by_the_sts) {
    auto others = refused();
    others.phase = phase::supplier;
    fly();
    land(false);
    BOOST_TEST(fail(others) == meaning::new_failure);
    pass(1s);
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(J4_after_a_refusal_another_subject_token_is_looked_for_once_a_second) {
    fly();
    land(false);
    fail(refused());
    pass(2s);
    auto const asked = ask(true, true);
    BOOST_TEST(asked.caller == answer::wait);
    BOOST_TEST(asked.flight == action::want);
    BOOST_TEST(one.looks_for_another_subject());
    tell(type::begun);
    land(false);
    auto same = base::failure(error_kind::oauth, phase::supplier, "");
    BOOST_TEST(fail(same, true) == meaning::as_before);
    BOOST_TEST(!one.looks_for_another_subject());
    BOOST_TEST(ask(true, true).caller == answer::failure);
}

BOOST_AUTO_TEST_CASE(who_has_no_time_uses_up_no_look) {
    fly();
    land(false);
    fail(refused());
    pass(2s);
    BOOST_TEST(ask(false, true).caller == answer::failure);
    BOOST_TEST(ask(true, true).caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(a_token_without_a_lifetime_is_not_held) {
    fly();
    land(true);
    BOOST_TEST(!receive(0s));
    BOOST_TEST(ask().caller == answer::wait);
}

// ---- erasing, dropping, closing -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_erased_token_is_served_to_nobody) {
    hold();
    tell(type::erased);
    BOOST_TEST(tell(type::peeked).caller == answer::nothing);
    BOOST_TEST(one.is_erased());
    ask();
    BOOST_TEST(!one.is_erased());
}

BOOST_AUTO_TEST_CASE(a_flight_that_began_before_an_erasure_is_nobodys) {
    fly();
    auto const before = one.erasures();
    BOOST_TEST(tell(type::erased).flight == action::abandon);
    BOOST_TEST(land(true, false, before).landed == landing::ignored);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(J10_a_refresh_that_waits_for_its_turn_gives_way_to_another_key) {
    hold();
    pass(50min);
    tell(type::tended);
    BOOST_TEST(tell(type::dropped).flight == action::forgo);
    BOOST_TEST(one.is_idle());
}

BOOST_AUTO_TEST_CASE(closing_ends_whatever_is_under_way) {
    BOOST_TEST(tell(type::closed).flight == action::none);
    ask();
    BOOST_TEST(tell(type::closed).flight == action::forgo);
    fly();
    BOOST_TEST(tell(type::closed).flight == action::abandon);
}

BOOST_AUTO_TEST_CASE(J11_a_context_that_is_gone_takes_all_flights_along) {
    fly();
    leave();
    fly();
    tell(type::lost);
    BOOST_TEST(one.is_idle());
    BOOST_TEST(tell(type::erased).flight == action::none);
}

// ---- another certificate --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(N14_a_token_of_the_old_certificate_is_served_to_nobody) {
    hold();
    BOOST_TEST(tell(type::rekeyed).flight == action::none);
    BOOST_TEST(tell(type::peeked).caller == answer::nothing);
    BOOST_TEST(!one.is_erased()); // the key stays
    BOOST_TEST(ask().caller == answer::wait);
}

BOOST_AUTO_TEST_CASE(N14_who_waits_gets_a_token_of_the_new_certificate) {
    fly();
    auto const before = one.erasures();
    BOOST_TEST(tell(type::rekeyed).flight == action::abandon);
    BOOST_TEST(tell(type::missed).flight == action::want);
    BOOST_TEST(land(true, false, before).landed == landing::ignored);
    BOOST_TEST(tell(type::begun).flight == action::begin);
    BOOST_TEST(land(true, true, one.erasures()).landed == landing::received);
}

BOOST_AUTO_TEST_SUITE_END()
