// Tokens that live no longer than the one before.
#include "core/refresh_core_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::refresh_core_fixture;

BOOST_FIXTURE_TEST_SUITE(refreshing, fixture)

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

namespace {

/// Whether a second token is better, by the wait after a third one that certainly is not.
template <class Change>
bool is_better(fixture on, std::chrono::seconds life, Change change) {
    on.receive(life);
    change(on.now);
    on.receive(life);
    on.receive(1s);
    auto const wait = on.state.due().steady - on.now.steady;
    BOOST_TEST((wait == 1s || wait == 2s));
    return wait == 1s;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_better_one_is_served_for_more_than_a_second_longer_or_a_tenth_of_a_short_life) {
    auto const after = [](nanoseconds span) {
        return [span](time_stamp& now) {
            now.steady += span;
            now.system += span;
        };
    };
    BOOST_TEST(!is_better(*this, 20s, after(1s)));
    BOOST_TEST(is_better(*this, 20s, after(1s + 1ns)));
    BOOST_TEST(!is_better(*this, 5s, after(480ms)));
    BOOST_TEST(is_better(*this, 5s, after(510ms)));
}

BOOST_AUTO_TEST_CASE(a_better_one_is_served_longer_by_either_clock) {
    BOOST_TEST(is_better(*this, 20s, [](time_stamp& now) { now.steady += 2s; }));
    BOOST_TEST(is_better(*this, 20s, [](time_stamp& now) { now.system += 2s; }));
    BOOST_TEST(!is_better(*this, 20s, [](time_stamp& now) { now.steady += 1s; }));
    BOOST_TEST(!is_better(*this, 20s, [](time_stamp& now) { now.system += 1s; }));
}

BOOST_AUTO_TEST_SUITE_END()
