// When a token is served, refreshed, waited for or refused, in simulated time (sections G and J of
// doc/faults.md).
#include "core/refresh_core.hpp"
#include "support/refresh_events.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using core::refresh_core;
using failure = core::refresh_core::failure;
using verdict = core::refresh_core::verdict;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

constexpr std::uint32_t least = 0, most = 0xffffffff;

struct fixture {
    time_stamp const start{base::clock::time_point() + 1000h,
                           std::chrono::system_clock::time_point() + 24h * 365 * 57};
    time_stamp now = start;
    refresh_options options;
    refresh_core state;

    void pass(nanoseconds span) {
        now.steady += span;
        now.system += span;
    }
    void at(nanoseconds since_start) { now = {start.steady + since_start, start.system + since_start}; }

    /// A flight that takes no time.
    bool receive(std::optional<seconds> lifetime, std::uint32_t random = least,
                 base::jwt_times const& subject = {}) {
        token fresh;
        fresh.expires_in = lifetime;
        fresh.requested = now;
        return state.received(fresh, subject, now, options, random);
    }
    void fail(failure how = failure::passing, std::uint32_t random = least) {
        state.failed(how, now, random);
    }

    verdict ask(bool flying = false) const { return state.ask(now, flying); }
    bool asks(verdict expected) const { return ask() == expected; }

    nanoseconds due() const { return state.due().steady - start.steady; }
    nanoseconds served() const { return state.served_until().steady - start.steady; }

    /// How long nothing is begun from here on: found by asking.
    nanoseconds closed_for(nanoseconds bound = 2min) const {
        auto later = now;
        for (nanoseconds span = 0ns; span <= bound; span += 1ms) {
            later = {now.steady + span, now.system + span};
            auto const said = state.ask(later, false);
            if (said == verdict::fly || said == verdict::refresh) return span;
        }
        return nanoseconds::max();
    }
};

bool about(nanoseconds value, nanoseconds expected) {
    return value >= expected && value < expected + 2ms;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

// ---- the schedule -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(G9_a_token_is_due_and_ends_by_its_lifetime) {
    struct {
        seconds lifetime;
        nanoseconds due, served;
    } const table[] = {
        {2s, 1s, 1800ms},      {60s, 30s, 54s},         {600s, 300s, 540s},
        {3600s, 2880s, 3540s}, {24h, 69'120s, 86'340s}, {24h * 365 * 100, 69'120s, 86'340s},
        {1500s, 1200s, 1440s}, {1000s, 700s, 940s},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.lifetime.count() << " s") {
            state = refresh_core();
            BOOST_TEST(receive(row.lifetime));
            BOOST_TEST((due() == row.due));
            BOOST_TEST((served() == row.served));
            BOOST_TEST((state.due().system - start.system == row.due));
            BOOST_TEST((state.served_until().system - start.system == row.served));
        }
    }
}

BOOST_AUTO_TEST_CASE(G9_the_jitter_brings_it_forward_by_a_tenth_at_most) {
    for (auto const lifetime : {2s, 60s, 600s, 3600s, 86'400s}) {
        state = refresh_core();
        receive(lifetime, least);
        auto const latest = due();
        state = refresh_core();
        receive(lifetime, most);
        auto const earliest = due();
        BOOST_TEST((earliest > latest - nanoseconds(lifetime) / 10));
        BOOST_TEST((earliest < latest - nanoseconds(lifetime) / 10 + 5us));
    }
}

BOOST_AUTO_TEST_CASE(G9_a_thousand_that_start_together_are_spread_evenly) {
    std::minstd_rand bits(7);
    std::array<int, 6> tenths{};
    for (int i = 0; i < 1000; ++i) {
        state = refresh_core();
        receive(3600s, static_cast<std::uint32_t>(std::uint64_t(bits()) * 0xffffffffU / 2147483646U));
        auto const slot = static_cast<std::size_t>((due() - 2520s) / 60s);
        BOOST_REQUIRE(slot < tenths.size());
        ++tenths[slot];
    }
    for (auto const count : tenths) {
        BOOST_TEST(count > 100);
        BOOST_TEST(count < 240);
    }
}

BOOST_AUTO_TEST_CASE(serves_until_due_then_refreshes_then_ends) {
    BOOST_TEST(asks(verdict::fly));
    receive(3600s);
    BOOST_TEST(asks(verdict::serve));
    at(2880s - 1ns);
    BOOST_TEST(asks(verdict::serve));
    at(2880s);
    BOOST_TEST(asks(verdict::refresh));
    BOOST_TEST((ask(true) == verdict::serve)); // one is under way
    at(3540s - 1ns);
    BOOST_TEST(asks(verdict::refresh));
    at(3540s);
    BOOST_TEST(asks(verdict::fly));
    BOOST_TEST((ask(true) == verdict::wait));
}

BOOST_AUTO_TEST_CASE(counts_a_lifetime_from_before_the_request_was_sent) {
    token fresh;
    fresh.expires_in = 600s;
    fresh.requested = now;
    pass(20s); // until the answer is there
    state.received(fresh, {}, now, options, least);
    BOOST_TEST((served() == 540s));
}

BOOST_AUTO_TEST_CASE(an_answer_slower_than_its_token_lives_gives_nothing_to_serve) {
    token fresh;
    fresh.expires_in = 2s;
    fresh.requested = now;
    pass(5s);
    BOOST_TEST(state.received(fresh, {}, now, options, least));
    BOOST_TEST(!state.holds(now));
    BOOST_TEST(asks(verdict::fly));
}

BOOST_AUTO_TEST_CASE(H8_H11_no_lifetime_and_a_lifetime_of_zero_are_not_kept) {
    for (auto const& lifetime : {std::optional<seconds>(), std::optional<seconds>(0s)}) {
        BOOST_TEST(!receive(lifetime));
        BOOST_TEST(asks(verdict::fly));
    }
}

BOOST_AUTO_TEST_CASE(H8_an_assumed_lifetime_stands_in_for_an_absent_one_alone) {
    options.assumed_lifetime = 600s;
    BOOST_TEST(receive(std::nullopt));
    BOOST_TEST((served() == 540s));
    state = refresh_core();
    BOOST_TEST(!receive(0s));
}

BOOST_AUTO_TEST_CASE(tokens_without_a_lifetime_instead_of_a_better_one_are_asked_for_ever_more_rarely) {
    receive(3600s);
    at(due());
    for (auto const wait : {1s, 2s, 4s, 8s}) {
        BOOST_TEST(asks(verdict::refresh));
        BOOST_TEST(!receive(std::nullopt));
        pass(wait - 1ns);
        BOOST_TEST(asks(verdict::serve));
        pass(1ns);
    }
}

BOOST_AUTO_TEST_CASE(a_token_without_a_lifetime_leaves_the_one_that_holds) {
    receive(3600s);
    BOOST_TEST(!receive(std::nullopt));
    BOOST_TEST(asks(verdict::serve));
}

BOOST_AUTO_TEST_CASE(options_move_the_margin_the_refresh_and_the_bound) {
    options.max_margin = 5s;
    options.refresh_ahead = 10min;
    receive(1000s);
    BOOST_TEST((served() == 995s));
    BOOST_TEST((due() == 500s));
    options = {};
    options.max_margin = options.refresh_ahead = 0s;
    options.max_lifetime = 1500ms;
    state = refresh_core();
    receive(1000s);
    BOOST_TEST((served() == 1500ms));
    BOOST_TEST((due() == 1200ms));
}

BOOST_AUTO_TEST_CASE(the_largest_options_do_not_overflow) {
    options.max_margin = options.refresh_ahead = options.max_lifetime = nanoseconds::max();
    receive(24h * 365 * 100);
    BOOST_TEST(asks(verdict::serve));
    state = refresh_core();
    options.assumed_lifetime = nanoseconds::max();
    BOOST_TEST(receive(std::nullopt));
    BOOST_TEST(asks(verdict::serve));
    pass(24h * 365);
    BOOST_TEST(asks(verdict::serve));
}

// ---- two clocks -------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(J8_a_wall_clock_set_forward_costs_one_refresh) {
    receive(3600s);
    now.system += 24h;
    BOOST_TEST(asks(verdict::fly));
    receive(3600s);
    int refreshes = 0;
    for (auto const end = now.steady + 2800s; now.steady < end; pass(10s))
        if (!asks(verdict::serve)) ++refreshes;
    BOOST_TEST(refreshes == 0);
}

BOOST_AUTO_TEST_CASE(J8_a_wall_clock_set_back_makes_no_token_live_longer) {
    receive(3600s);
    now.system -= 24h;
    BOOST_TEST(asks(verdict::serve));
    pass(2880s);
    BOOST_TEST(asks(verdict::refresh));
    pass(660s);
    BOOST_TEST(asks(verdict::fly));
}

BOOST_AUTO_TEST_CASE(J8_a_token_fetched_before_the_clock_is_set_back_is_replaced_for_good) {
    receive(3600s);
    now.system -= 24h;
    pass(2880s);
    receive(3600s); // improved on the steady clock, though not on the other
    BOOST_TEST(asks(verdict::serve));
    pass(2880s - 1ns);
    BOOST_TEST(asks(verdict::serve));
    pass(1ns);
    BOOST_TEST(asks(verdict::refresh));
}

BOOST_AUTO_TEST_CASE(J8_after_a_suspend_an_expired_token_is_not_served) {
    receive(3600s);
    now.system += 2h; // the steady clock has stood still
    BOOST_TEST(!state.holds(now));
    BOOST_TEST(asks(verdict::fly));
    BOOST_TEST((ask(true) == verdict::wait));
    receive(3600s);
    BOOST_TEST(asks(verdict::serve));
}

BOOST_AUTO_TEST_CASE(J8_a_suspend_into_the_time_of_refresh_costs_one_in_the_background) {
    receive(3600s);
    now.system += 3000s;
    BOOST_TEST(asks(verdict::refresh));
    receive(3600s); // no better by the steady clock
    pass(2880s - 1ns);
    BOOST_TEST(asks(verdict::serve));
    pass(1ns);
    BOOST_TEST(asks(verdict::refresh));
}

BOOST_AUTO_TEST_CASE(J8_neither_clock_alone_shortens_the_wait_after_a_failure) {
    receive(3600s);
    pass(2880s);
    fail(failure::passing, most);
    now.system += 500ms;
    BOOST_TEST(asks(verdict::serve));
    now.system += 60s; // due by this clock, and yet inside the wait
    BOOST_TEST(asks(verdict::serve));
    now.steady += 1s;
    BOOST_TEST(asks(verdict::refresh));
}

// ---- failures while a token holds -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(J6_failures_double_the_wait_up_to_a_minute) {
    receive(24h);
    at(69'120s);
    nanoseconds expected = 1s;
    for (int i = 0; i < 12; ++i) {
        auto slow = state;
        slow.failed(failure::passing, now, most);
        auto quick = state;
        quick.failed(failure::passing, now, least);
        BOOST_TEST((quick.due().steady - now.steady == expected / 2));
        BOOST_TEST((slow.due().steady - now.steady > expected - 1us));
        BOOST_TEST((slow.due().steady - now.steady <= expected));
        state = slow;
        expected = std::min<nanoseconds>(expected * 2, 60s);
        pass(60s);
    }
}

BOOST_AUTO_TEST_CASE(J6_the_wait_is_a_quarter_of_what_is_left_at_most) {
    receive(100s); // served for 90 s
    at(50s);
    for (int i = 0; i < 5; ++i)
        fail(failure::passing, most);
    BOOST_TEST((state.due().steady - now.steady <= 10s));
    at(88s);
    fail(failure::passing, most);
    BOOST_TEST((state.due().steady - now.steady <= 500ms));
    at(90s - 100ms);
    fail(failure::passing, least);
    BOOST_TEST((state.due().steady - now.steady == 200ms)); // and not less
}

BOOST_AUTO_TEST_CASE(J6_J7_a_dead_service_is_asked_rarely_and_no_token_outlives_its_end) {
    receive(3600s);
    int asked = 0;
    for (; now.steady < start.steady + 3540s; pass(100ms)) {
        auto const said = ask();
        BOOST_REQUIRE((said == verdict::serve || said == verdict::refresh)); // no caller sees the failure
        if (said != verdict::refresh) continue;
        ++asked;
        fail(failure::passing, most / 2);
    }
    BOOST_TEST(asked > 10); // it goes on to the end
    BOOST_TEST(asked < 60); // of 6,600 looks
    BOOST_TEST(!state.holds(now));
    pass(2min);
    BOOST_TEST(asks(verdict::fly));
    fail();
    BOOST_TEST(asks(verdict::refuse));
}

BOOST_AUTO_TEST_CASE(J6_a_token_ends_the_series_of_failures) {
    receive(24h);
    at(69'120s);
    for (int i = 0; i < 10; ++i)
        fail(failure::passing, most);
    receive(24h);
    BOOST_TEST(asks(verdict::serve));
    pass(69'120s);
    fail(failure::passing, most);
    BOOST_TEST((state.due().steady - now.steady <= 1s));
}

BOOST_AUTO_TEST_CASE(without_a_subject_token_it_looks_every_five_seconds) {
    receive(24h);
    at(69'120s);
    for (int i = 0; i < 10; ++i)
        fail(failure::subject, most);
    BOOST_TEST((state.due().steady - now.steady > 4900ms));
    BOOST_TEST((state.due().steady - now.steady <= 5s));
}

// ---- failures without one
// -----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(J5_a_failure_is_remembered_for_about_200_ms) {
    fail(failure::passing, least);
    BOOST_TEST(asks(verdict::refuse));
    BOOST_TEST(about(closed_for(), 150ms));
    fail(failure::passing, most);
    BOOST_TEST(about(closed_for(), 249ms));
}

BOOST_AUTO_TEST_CASE(J5_failures_that_pass_do_not_lengthen_it) {
    for (int i = 0; i < 20; ++i) {
        fail(failure::passing, least);
        BOOST_TEST(about(closed_for(), 150ms));
        pass(1s);
    }
}

BOOST_AUTO_TEST_CASE(J5_while_the_retry_budget_is_used_up_it_doubles_to_2_s) {
    for (auto const expected : {200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms}) {
        auto slow = *this;
        slow.fail(failure::overload, most);
        fail(failure::overload, least);
        BOOST_TEST(about(closed_for(), std::max<nanoseconds>(expected / 2, 150ms)));
        BOOST_TEST(about(slow.closed_for(), std::max<nanoseconds>(expected - 1ms, 249ms)));
        pass(3s);
    }
    fail(failure::passing, least);
    BOOST_TEST(about(closed_for(), 150ms));
}

BOOST_AUTO_TEST_CASE(J5_a_refusal_for_good_is_remembered_for_10_s_doubling_to_a_minute) {
    for (auto const expected : {10s, 20s, 40s, 60s, 60s, 60s}) {
        fail(failure::permanent);
        BOOST_TEST(about(closed_for(), expected));
        pass(expected);
        BOOST_TEST(asks(verdict::fly));
    }
}

BOOST_AUTO_TEST_CASE(J5_a_failure_that_passes_ends_the_series_of_refusals) {
    fail(failure::permanent);
    fail(failure::permanent);
    fail(failure::passing);
    fail(failure::permanent);
    BOOST_TEST(about(closed_for(), 10s));
}

BOOST_AUTO_TEST_CASE(a_refusal_for_good_looks_for_another_subject_token_once_a_second) {
    BOOST_TEST(!state.look_again(now)); // nothing was refused
    fail(failure::passing);
    pass(10s);
    BOOST_TEST(!state.look_again(now));
    fail(failure::permanent);
    BOOST_TEST(!state.look_again(now));
    pass(1s - 1ns);
    BOOST_TEST(!state.look_again(now));
    pass(1ns);
    BOOST_TEST(asks(verdict::refuse));
    BOOST_TEST(state.look_again(now));
    BOOST_TEST(!state.look_again(now)); // it was the one
    pass(1s);
    BOOST_TEST(state.look_again(now));
    receive(3600s);
    pass(1h);
    BOOST_TEST(!state.look_again(now));
}

BOOST_AUTO_TEST_CASE(J5_a_look_for_another_subject_token_that_fails_shortens_no_refusal) {
    fail(failure::permanent);
    pass(1s);
    BOOST_TEST(state.look_again(now));
    fail(failure::subject);
    BOOST_TEST(asks(verdict::refuse));
    BOOST_TEST(about(closed_for(), 9s));
    pass(1s);
    BOOST_TEST(state.look_again(now)); // and it goes on looking
}

BOOST_AUTO_TEST_CASE(J5_those_who_come_in_the_window_wait_where_a_flight_is_under_way) {
    fail(failure::permanent);
    BOOST_TEST((ask(true) == verdict::wait));
}

// ---- tokens that are no better
// ------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_service_that_gives_the_same_token_again_is_asked_rarely) {
    receive(3600s);
    int asked = 0;
    for (; now.steady < start.steady + 3540s; pass(100ms)) {
        if (!asks(verdict::refresh)) continue;
        ++asked;
        token same; // its lifetime counts down
        same.expires_in = std::chrono::duration_cast<seconds>(start.steady + 3600s - now.steady);
        same.requested = now;
        state.received(same, {}, now, options, least);
    }
    BOOST_TEST(asked > 3); // it goes on to the end
    BOOST_TEST(asked < 10);
}

BOOST_AUTO_TEST_CASE(the_wait_for_a_better_one_doubles_up_to_a_minute) {
    receive(20s); // served for 18 s
    nanoseconds expected = 1s;
    for (int i = 0; i < 8; ++i) {
        receive(1s); // which wants to be refreshed after half a second
        BOOST_TEST((state.due().steady - now.steady == expected));
        expected = std::min<nanoseconds>(expected * 2, 60s);
    }
}

BOOST_AUTO_TEST_CASE(a_second_token_at_nearly_the_same_time_is_kept_as_long_as_the_first) {
    receive(3600s);
    pass(500ms); // an exchange that was given up, and came through all the same
    receive(3600s);
    BOOST_TEST((state.due().steady - now.steady == 2880s));
}

BOOST_AUTO_TEST_CASE(one_that_lives_longer_ends_that) {
    receive(3600s);
    at(2880s);
    token same;
    same.expires_in = 720s;
    same.requested = now;
    for (int i = 0; i < 4; ++i)
        state.received(same, {}, now, options, least);
    receive(3600s);
    BOOST_TEST((state.due().steady - now.steady == 2880s));
}

BOOST_AUTO_TEST_CASE(after_an_expired_one_any_token_is_better) {
    receive(3600s);
    at(3540s);
    receive(60s);
    BOOST_TEST((state.due().steady - now.steady == 30s));
}

BOOST_AUTO_TEST_CASE(one_that_lives_shorter_is_kept_all_the_same) {
    receive(3600s);
    at(2880s);
    receive(60s);
    BOOST_TEST((served() == 2880s + 54s));
}

// ---- invalidation
// -------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(J9_what_is_not_there_is_not_given_up) {
    BOOST_TEST(!state.invalidate(now));
    receive(3600s);
    BOOST_TEST(state.invalidate(now));
    BOOST_TEST(!state.invalidate(now));
    BOOST_TEST(asks(verdict::fly));
}

BOOST_AUTO_TEST_CASE(J9_young_tokens_are_given_up_ever_more_slowly) {
    receive(3600s);
    BOOST_TEST(state.invalidate(now)); // the first at once
    for (auto const wait : {1s, 2s, 4s, 8s}) {
        receive(3600s);
        BOOST_TEST(!state.invalidate(now));
        pass(wait - 1ns);
        BOOST_TEST(!state.invalidate(now));
        BOOST_TEST(asks(verdict::serve));
        pass(1ns);
        BOOST_TEST(state.invalidate(now));
    }
}

BOOST_AUTO_TEST_CASE(J9_a_token_of_ten_seconds_is_given_up_at_once) {
    for (int i = 0; i < 5; ++i) {
        receive(3600s);
        pass(10s);
        BOOST_TEST(state.invalidate(now));
    }
}

BOOST_AUTO_TEST_CASE(J9_an_invalidation_ends_the_wait_after_a_failure) {
    receive(3600s);
    at(2880s);
    fail(failure::permanent);
    BOOST_TEST(state.invalidate(now));
    BOOST_TEST(asks(verdict::fly));
    fail();
    BOOST_TEST(asks(verdict::refuse)); // which has its own
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_is_not_served) {
    receive(3600s);
    state.forget();
    BOOST_TEST(asks(verdict::fly));
    BOOST_TEST(!state.holds(now));
}

// ---- the subject's rotation
// ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_refresh_waits_for_the_subjects_rotation_when_it_is_near) {
    auto const due_with = [&](nanoseconds rotation_in, seconds life) {
        base::jwt_times subject;
        // Written anew at 80 % of its life, and 5 s for that, or 2 % of a short life.
        auto const slack = std::min<nanoseconds>(5s, nanoseconds(life) / 50);
        subject.issued = start.system + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                            rotation_in - nanoseconds(life) / 5 * 4 - slack);
        subject.expires = *subject.issued + life;
        state = refresh_core();
        receive(3600s, least, subject);
        return due();
    };
    for (auto const life : {100s, 3600s, 86'400s}) {
        BOOST_TEST((due_with(2881s, life) == 2881s));
        BOOST_TEST((due_with(3000s, life) == 3000s));
        BOOST_TEST((due_with(3209s, life) == 3209s));
        BOOST_TEST((due_with(3211s, life) == 2880s)); // too late to be waited for
        BOOST_TEST((due_with(2879s, life) == 2880s)); // it will be over
        BOOST_TEST((due_with(-100s, life) == 2880s));
    }
}

BOOST_AUTO_TEST_CASE(a_subject_without_times_or_with_absurd_ones_changes_nothing) {
    using time_point = std::chrono::system_clock::time_point;
    base::jwt_times only_issued, only_expires, reversed, extreme;
    only_issued.issued = start.system;
    only_expires.expires = start.system + 1h;
    reversed.issued = start.system + 1h;
    reversed.expires = start.system;
    extreme.issued = time_point();
    extreme.expires = time_point(seconds(7'258'118'400));
    for (auto const& subject : {only_issued, only_expires, reversed, extreme}) {
        state = refresh_core();
        receive(3600s, least, subject);
        BOOST_TEST((due() == 2880s));
    }
}

// ---- anything in any order
// ----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(J5_J6_J7_J8_a_hundred_thousand_random_events_break_no_rule) {
    std::mt19937 dice(20'240'229); // NOLINT: the same run each time
    std::string bytes;
    for (int i = 0; i < 500'000; ++i)
        bytes += static_cast<char>(dice() >> 8U);
    test::byte_source choices(bytes);
    auto const given = test::refresh_events(choices).run();
    for (auto const count : {given.served, given.refreshed, given.waited, given.flown, given.refused})
        BOOST_TEST(count > 500);
}

BOOST_AUTO_TEST_SUITE_END()
