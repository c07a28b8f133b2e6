// The schedule of a token: when it is due, and until when it is served (sections G and J of doc/faults.md).
#include "base/jwt_peek.hpp"
#include "core/refresh_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

namespace base = equinix::sts::base;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::refresh_core_fixture;

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

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

BOOST_AUTO_TEST_CASE(a_token_is_taken_to_live_for_a_hundred_years_at_most) {
    options.max_lifetime = nanoseconds::max();
    options.max_margin = 0s;
    receive(std::chrono::seconds(std::chrono::hours(24) * 365 * 200));
    BOOST_TEST((served() == std::chrono::hours(24) * 365 * 100));
}

BOOST_AUTO_TEST_CASE(
    the_refresh_waits_for_a_new_subject_token_only_if_both_of_its_times_are_known_and_in_order) {
    using times = base::jwt_times;
    // Of a subject token that is replaced after 3,000 s, while the refresh is due after 2,880.
    auto const issued = now.system, expires = now.system + 3743s + 750ms;
    auto const due_with = [&](times const& subject) {
        auto other = *this;
        other.receive(3600s, least, subject);
        return other.due();
    };
    BOOST_TEST((due_with({issued, expires}) == 3000s));
    BOOST_TEST((due_with({issued, std::nullopt}) == 2880s));
    BOOST_TEST((due_with({std::nullopt, expires}) == 2880s));
    auto const at_once = now.system + 3000s;
    BOOST_TEST((due_with({at_once, at_once}) == 2880s));
}

BOOST_AUTO_TEST_CASE(the_refresh_waits_for_a_new_subject_token_for_less_than_half_of_the_time_that_is_left) {
    auto const due_with = [&](std::chrono::system_clock::duration life) {
        auto other = *this;
        other.receive(3600s, least, {now.system, now.system + life});
        return other.due();
    };
    // Served for 3,540 s: the middle is after 3,210.
    BOOST_TEST((due_with(4006s + 250ms) == 2880s));
    BOOST_TEST((due_with(4006s) == 3209s + 800ms));
}

BOOST_AUTO_TEST_CASE(J5_after_a_failed_refresh_the_next_one_begins_at_the_end_of_the_wait) {
    receive(3600s);
    at(2880s);
    fail();
    now = state.due();
    BOOST_TEST(asks(verdict::refresh));
    now.steady -= 1ns;
    now.system -= 1ns;
    BOOST_TEST(asks(verdict::serve));
}

BOOST_AUTO_TEST_CASE(J5_the_wait_after_failed_refreshes_grows_to_a_quarter_of_what_is_left) {
    receive(3600s);
    at(3440s); // 100 s are left
    for (int i = 0; i < 10; ++i)
        fail(failure::passing, most);
    auto const wait = state.due().steady - now.steady;
    BOOST_TEST((wait > 24s && wait <= 25s));
}

BOOST_AUTO_TEST_SUITE_END()
