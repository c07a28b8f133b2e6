// A flight with a token store, step by step in simulated time.
#include "base/failure.hpp"
#include "core/store_fsm.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>
#include <string>
#include <string_view>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using fsm = core::store_fsm;
using action = fsm::action;
using outcome = fsm::outcome;
using type = fsm::event::type;
using note = fsm::note;

namespace equinix::sts::core {

std::ostream& operator<<(std::ostream& out, action one) {
    constexpr std::array<std::string_view, 10> names = {"look", "acquire",  "renew", "release", "swap",
                                                        "wait", "exchange", "serve", "fail",    "none"};
    return out << names.at(static_cast<std::size_t>(one));
}

} // namespace equinix::sts::core

namespace {

token token_of(std::string_view text, std::chrono::seconds life = 3600s) {
    token made;
    made.token_type = "Bearer";
    made.expires_in = life;
    made.set_access_token(text);
    return made;
}

/// A flight, and a store whose clock is a day ahead of the process's.
struct fixture {
    std::vector<secret> const key = {secret(std::string(32, 'k'))};
    core::store_keys keys{key};
    refresh_options options;
    fsm::wanted wanted;
    std::optional<fsm> flight;
    base::clock::time_point now{1000h};
    milliseconds ahead = 1024h;
    std::optional<std::string> record, cool_down;
    std::optional<milliseconds> left;

    fixture() {
        wanted.names = keys.names_of("text");
        wanted.cool_down_name = keys.names_of("cool-down").front();
        wanted.deadline = now + 30s;
        options.sharing.lease_life = 4500ms;
    }

    milliseconds store_time() const {
        return std::chrono::floor<milliseconds>(now.time_since_epoch()) + ahead;
    }
    std::string sealed(core::store_record const& what, std::string const& name) const {
        return keys.seal(what, name, std::string(core::store_keys::salt_size, 's'));
    }
    core::store_record record_of(std::string_view text, milliseconds age = 0ms,
                                 milliseconds life = 1h) const {
        core::store_record made;
        made.what = token_of(text, std::chrono::floor<std::chrono::seconds>(life));
        made.generation = store_time() - age;
        made.life = life;
        return made;
    }
    void store(core::store_record const& what) {
        record = sealed(what, wanted.names.front());
        left = what.end() - store_time();
    }

    action tell(fsm::event what) {
        what.now = now;
        return flight->resume(what);
    }
    action begin(bool allowed = true) {
        flight.emplace(keys, options, wanted);
        fsm::event what{type::began};
        what.allowed = allowed;
        return tell(what);
    }
    action looked() {
        stored_record found;
        bool const of_token = flight->name() == wanted.names.front();
        found.bytes = of_token ? record : cool_down;
        if (found.bytes && of_token) found.left = left;
        found.time = store_time();
        fsm::event what{type::looked};
        what.asked = now;
        what.found = &found;
        return tell(what);
    }
    action acquired(bool won, milliseconds lease_left = 4s, std::string_view holder = "") {
        stored_record found;
        found.bytes = record;
        if (record) found.left = left;
        found.time = store_time();
        fsm::event what{type::acquired};
        what.asked = now;
        what.found = &found;
        what.won = won;
        what.left = lease_left;
        what.holder = holder;
        return tell(what);
    }
    action answered(bool yes = true) {
        fsm::event what{type::answered};
        what.asked = now;
        what.yes = yes;
        return tell(what);
    }
    action failed(bool late = false, std::uint32_t random = 0) {
        fsm::event what{type::failed};
        what.asked = now;
        what.late = late;
        what.random = random;
        return tell(what);
    }
    action woke() {
        now = std::max(now, flight->until());
        return tell({type::woke});
    }
    action exchanged(std::optional<token> const& fresh, outcome came = outcome::token) {
        fsm::event what{type::exchanged};
        what.came = came;
        auto const why = base::failure(error_kind::oauth, phase::oauth, "no");
        if (fresh)
            what.fresh = &*fresh;
        else
            what.why = &why;
        return tell(what);
    }
    action told() { return tell({type::told}); }

    /// The lease is won, there is no cool-down: the exchange begins.
    void begin_exchange() {
        BOOST_TEST(begin() == action::look);
        BOOST_TEST(looked() == action::acquire);
        BOOST_TEST(acquired(true) == action::look);
        BOOST_TEST(flight->name() == wanted.cool_down_name);
        BOOST_TEST(looked() == action::exchange);
    }
    token served() { return flight->take_found({now, std::chrono::system_clock::time_point() + 5000h}); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

// ---- a miss -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_token_that_is_there_is_served_and_nothing_else_is_done) {
    store(record_of("stored"));
    BOOST_TEST(begin() == action::look);
    BOOST_TEST(looked() == action::serve);
    BOOST_TEST(served().access_token.reveal() == "stored");
    BOOST_TEST(flight->take_notes() == note::hit);
    BOOST_TEST(told() == action::none);
}

BOOST_AUTO_TEST_CASE(P8_a_token_is_as_old_as_the_store_says_whatever_the_clocks_say) {
    for (auto const difference : {-1024h, 0h, 1024h}) {
        ahead = 2048h + difference;
        store(record_of("stored", 600s));
        begin();
        BOOST_TEST(looked() == action::serve);
        auto const got = served();
        BOOST_TEST((got.requested.steady == now - 600s));
        BOOST_TEST((got.expires->steady == now + 3000s));
        BOOST_TEST((*got.expires_in == 3600s));
    }
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

BOOST_AUTO_TEST_CASE(who_has_no_lease_looks_again_after_20_ms_doubled_to_160) {
    begin();
    looked();
    milliseconds const most[] = {20ms, 40ms, 80ms, 160ms, 160ms};
    for (auto const each : most) {
        BOOST_TEST(acquired(false) == action::wait);
        auto const wait = flight->until() - now;
        BOOST_TEST((wait >= each / 2 && wait <= each));
        BOOST_TEST(woke() == action::acquire);
    }
    BOOST_TEST(flight->take_notes() == (note::miss | note::lease_awaited)); // told once
    store(record_of("of-the-other"));
    BOOST_TEST(acquired(false) == action::serve);
    BOOST_TEST(told() == action::release); // it may have been won, had the answer been lost
}

BOOST_AUTO_TEST_CASE(P10_another_is_passed_by_after_half_of_the_time_or_more) {
    auto const began = now;
    begin();
    looked();
    action next = acquired(false);
    while (next == action::wait) {
        next = woke();
        BOOST_REQUIRE(next == action::acquire);
        next = acquired(false);
    }
    BOOST_TEST(next == action::look); // at the cool-down
    BOOST_TEST((now - began >= 15s && now - began <= 23s));
    BOOST_TEST(looked() == action::exchange);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
    BOOST_TEST(answered() == action::release);
}

BOOST_AUTO_TEST_CASE(P11_a_holder_that_shows_no_life_is_passed_by) {
    begin();
    looked();
    BOOST_TEST(acquired(false, 0ms) == action::wait); // it may be about to end
    BOOST_TEST(woke() == action::acquire);
    BOOST_TEST(acquired(false, 0ms) == action::look); // at the cool-down
    BOOST_TEST(looked() == action::exchange);
    BOOST_TEST((flight->until() == base::clock::time_point::max())); // there is no lease to renew
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);        // and it writes nevertheless
}

BOOST_AUTO_TEST_CASE(P11_a_lease_that_someone_has_lengthened_is_passed_by) {
    begin();
    looked();
    BOOST_TEST(acquired(false, 1h) == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1h) == action::look);
    BOOST_TEST(flight->name() == wanted.cool_down_name);
}

BOOST_AUTO_TEST_CASE(P15_after_two_holders_that_leave_no_token_nobody_waits_for_a_third) {
    begin();
    looked();
    BOOST_TEST(acquired(false, 1500ms, "one") == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1400ms, "one") == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1500ms, "two") == action::wait);
    woke();
    BOOST_TEST(acquired(false, 1500ms, "three") == action::look);
    BOOST_TEST(flight->name() == wanted.cool_down_name);
    BOOST_TEST(looked() == action::exchange);
}

BOOST_AUTO_TEST_CASE(P11_the_holder_after_one_that_was_killed_is_waited_for) {
    begin();
    looked();
    for (auto const* const holder : {"one", "two", "three", "four"}) {
        BOOST_TEST(acquired(false, 1500ms, holder) == action::wait);
        now += 1500ms; // the lease has ended, unless it was renewed
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_AUTO_TEST_CASE(who_has_a_token_that_is_served_waits_for_any_number_of_holders) {
    wanted.held = secret("held");
    wanted.served_until = now + 300s;
    begin();
    looked();
    for (auto const* const holder : {"one", "two", "three", "four"}) {
        BOOST_TEST(acquired(false, 1500ms, holder) == action::wait);
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_tell_who_holds_the_lease_is_waited_for) {
    begin();
    looked();
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(acquired(false, 1500ms, i % 2 == 0 ? "" : "one") == action::wait);
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_AUTO_TEST_CASE(a_holder_that_gives_up_leaves_the_lease_to_the_next) {
    begin();
    looked();
    BOOST_TEST(acquired(false) == action::wait);
    BOOST_TEST(woke() == action::acquire);
    BOOST_TEST(acquired(true) == action::look);
    BOOST_TEST(looked() == action::exchange);
}

BOOST_AUTO_TEST_CASE(the_lease_is_renewed_each_third_of_its_life) {
    begin_exchange();
    for (int i = 0; i < 5; ++i) {
        auto const asked = now;
        BOOST_TEST((flight->until() == asked + 1500ms));
        BOOST_TEST(woke() == action::renew);
        BOOST_TEST(answered() == action::wait);
    }
    now += 1s;
    BOOST_TEST(woke() == action::renew);
    BOOST_TEST(failed() == action::wait); // it is tried again at the next third
    BOOST_TEST(woke() == action::renew);
    BOOST_TEST(answered(false) == action::wait); // lost: the exchange goes on
    BOOST_TEST((flight->until() == base::clock::time_point::max()));
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
}

BOOST_AUTO_TEST_CASE(an_exchange_that_fails_releases_the_lease_and_writes_nothing) {
    begin_exchange();
    BOOST_TEST(exchanged(std::nullopt, outcome::other) == action::release);
    BOOST_TEST(answered() == action::none);
}

BOOST_AUTO_TEST_CASE(P13_a_permanent_refusal_is_written_for_one_second) {
    begin_exchange();
    BOOST_TEST(exchanged(std::nullopt, outcome::refusal) == action::swap);
    BOOST_TEST((flight->desired()->is == core::store_record::content::refusal));
    BOOST_TEST((flight->life() == 1s));
    BOOST_TEST(answered() == action::release);
}

BOOST_AUTO_TEST_CASE(P13_who_finds_a_refusal_fails_with_it) {
    core::store_record refusal;
    refusal.is = core::store_record::content::refusal;
    refusal.generation = store_time() - 500ms;
    refusal.life = 1s;
    refusal.failed.oauth_error = "invalid_scope";
    store(refusal);
    begin();
    BOOST_TEST(looked() == action::fail);
    auto const why = flight->take_failure();
    BOOST_TEST(why.oauth_error == "invalid_scope");
    BOOST_TEST((why.phase == phase::store));
    now += 1s;
    BOOST_TEST(begin() == action::look);
    BOOST_TEST(looked() == action::acquire); // it is over
}

BOOST_AUTO_TEST_CASE(P16_a_token_without_a_lifetime_is_not_written) {
    begin_exchange();
    auto fresh = token_of("fresh");
    fresh.expires_in.reset();
    BOOST_TEST(exchanged(fresh) == action::release);
}

// ---- what is in the store ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(P2_garbage_is_a_miss_and_is_replaced) {
    record = "garbage";
    begin();
    BOOST_TEST(looked() == action::acquire);
    BOOST_TEST(flight->take_notes() == (note::miss | note::unopened));
    BOOST_TEST(acquired(true) == action::look);
    looked();
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
    BOOST_TEST(flight->expected().value() == "garbage");
}

BOOST_AUTO_TEST_CASE(P7_a_record_from_the_future_is_a_miss_and_is_replaced) {
    store(record_of("future", -6s));
    begin();
    BOOST_TEST(looked() == action::acquire);
    acquired(true);
    looked();
    auto fresh = token_of("fresh");
    fresh.requested.steady = now;
    BOOST_TEST(exchanged(fresh) == action::swap);
    BOOST_TEST((flight->desired()->generation == store_time())); // not after the future one
}

BOOST_AUTO_TEST_CASE(P7_a_clock_that_fell_back_a_little_is_tolerated) {
    store(record_of("stored", -4s));
    begin();
    BOOST_TEST(looked() == action::serve);
    BOOST_TEST((served().expires->steady <= now + 3600s));
}

BOOST_AUTO_TEST_CASE(P9_a_longer_life_in_the_store_makes_no_token_younger) {
    store(record_of("old", 3590s));
    left = std::nullopt; // PERSIST
    begin();
    BOOST_TEST(looked() == action::acquire);
    left = 1000h; // PEXPIRE
    begin();
    BOOST_TEST(looked() == action::acquire);
}

BOOST_AUTO_TEST_CASE(P9_a_shorter_life_in_the_store_ends_it_earlier) {
    store(record_of("stored", 600s));
    left = 600s;
    begin();
    BOOST_TEST(looked() == action::serve);
    auto const got = served();
    BOOST_TEST((got.expires->steady == now + 600s));
}

BOOST_AUTO_TEST_CASE(a_token_at_its_end_is_a_miss) {
    options.max_margin = 60s;
    store(record_of("stored", 3541s));
    begin();
    BOOST_TEST(looked() == action::acquire);
    now -= 2s;
    store(record_of("stored", 3539s));
    begin();
    BOOST_TEST(looked() == action::serve);
}

BOOST_AUTO_TEST_CASE(the_generation_is_at_least_one_more_than_the_one_seen) {
    store(record_of("stored", -1s, 500ms)); // over, by a clock that fell back
    record = sealed(record_of("stored", -1s, 1h), wanted.names.front());
    wanted.refused = secret("stored");
    begin();
    BOOST_TEST(looked() == action::swap);
    answered();
    record.reset();
    acquired(true);
    looked();
    auto fresh = token_of("fresh");
    fresh.requested.steady = now;
    exchanged(fresh);
    BOOST_TEST((flight->desired()->generation == store_time() + 1s + 1ms));
}

BOOST_AUTO_TEST_CASE(P5_a_look_tries_the_name_under_each_key) {
    auto const old = core::store_keys({secret(std::string(32, 'o'))});
    keys = core::store_keys({key.front(), secret(std::string(32, 'o'))});
    wanted.names = keys.names_of("text");
    begin();
    BOOST_TEST(looked() == action::look);
    BOOST_TEST(flight->name() == old.names_of("text").front());
    auto const aged = record_of("old");
    stored_record found;
    found.bytes = old.seal(aged, flight->name(), std::string(core::store_keys::salt_size, 's'));
    found.left = 1h;
    found.time = store_time();
    fsm::event what{type::looked};
    what.asked = now;
    what.found = &found;
    BOOST_TEST(tell(what) == action::serve);
    BOOST_TEST(served().access_token.reveal() == "old");
}

BOOST_AUTO_TEST_CASE(P5_lease_and_record_are_under_the_first_key) {
    keys = core::store_keys({key.front(), secret(std::string(32, 'o'))});
    wanted.names = keys.names_of("text");
    begin();
    looked();
    BOOST_TEST(looked() == action::acquire);
    BOOST_TEST(flight->name() == wanted.names.front());
}

// ---- a refresh --------------------------------------------------------------------------------------

struct refreshing : fixture {
    refreshing() {
        wanted.held = secret("held");
        wanted.served_until = now + 300s;
    }
};

BOOST_FIXTURE_TEST_CASE(a_refresh_takes_a_newer_token, refreshing) {
    store(record_of("newer"));
    begin();
    BOOST_TEST(looked() == action::serve);
}

BOOST_FIXTURE_TEST_CASE(a_refresh_does_not_take_what_is_held_or_ends_earlier, refreshing) {
    store(record_of("held"));
    begin();
    BOOST_TEST(looked() == action::acquire);
    store(record_of("older", 3400s));
    begin();
    BOOST_TEST(looked() == action::acquire);
}

BOOST_FIXTURE_TEST_CASE(a_refresh_that_is_not_the_leader_looks_again_after_about_a_second, refreshing) {
    begin();
    looked();
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(acquired(false) == action::wait);
        auto const wait = flight->until() - now;
        BOOST_TEST((wait >= 500ms && wait <= 1s));
        BOOST_TEST(woke() == action::acquire);
    }
}

BOOST_FIXTURE_TEST_CASE(a_refresh_hurries_once_the_token_is_over, refreshing) {
    wanted.served_until = now + 100ms;
    begin();
    looked();
    acquired(false);
    BOOST_TEST((flight->until() == now + 100ms));
    woke();
    acquired(false);
    BOOST_TEST((flight->until() - now <= 160ms));
}

BOOST_FIXTURE_TEST_CASE(a_refresh_hurries_when_its_token_is_invalidated, refreshing) {
    begin();
    looked();
    BOOST_TEST(acquired(false) == action::wait);
    BOOST_TEST(tell({type::hurried}) == action::acquire);
    acquired(false);
    BOOST_TEST((flight->until() - now <= 160ms));
}

BOOST_FIXTURE_TEST_CASE(a_refresh_writes_no_refusal_over_a_token_that_serves, refreshing) {
    begin_exchange();
    BOOST_TEST(exchanged(std::nullopt, outcome::refusal) == action::release);
}

// ---- an invalidation --------------------------------------------------------------------------------

struct invalidated : fixture {
    invalidated() { wanted.refused = secret("refused"); }
};

BOOST_FIXTURE_TEST_CASE(P12_another_token_than_the_refused_one_is_used, invalidated) {
    store(record_of("another"));
    begin();
    BOOST_TEST(looked() == action::serve);
}

BOOST_FIXTURE_TEST_CASE(P12_the_refused_one_is_removed_and_exchanged_anew, invalidated) {
    store(record_of("refused"));
    begin();
    BOOST_TEST(looked() == action::swap);
    BOOST_TEST(flight->expected().value() == record.value());
    BOOST_TEST(flight->desired() == nullptr);
    BOOST_TEST(answered() == action::acquire);
    record.reset();
    BOOST_TEST(acquired(true) == action::look);
    BOOST_TEST(looked() == action::exchange);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
    BOOST_TEST(!flight->expected().has_value());
}

BOOST_FIXTURE_TEST_CASE(P12_the_refused_one_is_never_served_even_if_it_comes_back, invalidated) {
    store(record_of("refused"));
    begin();
    looked();
    BOOST_TEST(answered(false) == action::acquire);
    BOOST_TEST(acquired(true) == action::look); // not serve
    BOOST_TEST(flight->name() == wanted.cool_down_name);
}

// ---- the cool-down ----------------------------------------------------------------------------------

struct cooling : fixture {
    void cool(milliseconds how_long) {
        core::store_record made;
        made.is = core::store_record::content::cool_down;
        made.generation = store_time();
        made.life = how_long;
        cool_down = sealed(made, wanted.cool_down_name);
    }
    void win() {
        begin();
        looked();
        acquired(true);
    }
};

BOOST_FIXTURE_TEST_CASE(P14_who_has_not_begun_waits_for_the_end_of_the_cool_down, cooling) {
    cool(10s);
    win();
    auto const began = now;
    action next = looked();
    while (next != action::exchange) {
        if (next == action::renew) {
            next = answered();
            continue;
        }
        BOOST_REQUIRE(next == action::wait);
        BOOST_TEST((flight->until() - now <= 1500ms)); // renews the lease meanwhile
        next = woke();
    }
    BOOST_TEST((now - began >= 10s && now - began <= 11s));
}

BOOST_FIXTURE_TEST_CASE(P14_a_cool_down_counts_for_30_s_at_most, cooling) {
    wanted.deadline = now + 1h;
    cool(24h);
    win();
    auto const began = now;
    action next = looked();
    while (next != action::exchange)
        next = next == action::renew ? answered() : woke();
    BOOST_TEST((now - began <= 33s));
}

BOOST_FIXTURE_TEST_CASE(P14_with_a_shorter_deadline_the_error_has_the_wait, cooling) {
    wanted.deadline = now + 5s;
    cool(10s);
    win();
    BOOST_TEST(looked() == action::fail);
    auto const why = flight->take_failure();
    BOOST_TEST((why.kind == error_kind::unavailable));
    BOOST_TEST((why.retry_after.value() == 10s));
    BOOST_TEST(told() == action::release);
}

BOOST_FIXTURE_TEST_CASE(P14_a_forged_cool_down_delays_nobody, cooling) {
    cool_down = "forged";
    win();
    BOOST_TEST(looked() == action::exchange);
    record.reset();
    cool(10s);
    cool_down = sealed(record_of("token"), wanted.cool_down_name); // another kind of record
    win();
    BOOST_TEST(looked() == action::exchange);
}

BOOST_FIXTURE_TEST_CASE(P14_the_exchange_that_is_told_to_wait_publishes_it_at_once, cooling) {
    begin_exchange();
    fsm::event what{type::told_to_wait};
    what.wait = 20s;
    BOOST_TEST(tell(what) == action::look);
    BOOST_TEST(flight->name() == wanted.cool_down_name);
    BOOST_TEST(looked() == action::swap);
    BOOST_TEST((flight->life() == 20s));
    BOOST_TEST((flight->desired()->is == core::store_record::content::cool_down));
    BOOST_TEST((flight->desired()->generation == store_time()));
    BOOST_TEST(answered() == action::wait);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
}

BOOST_FIXTURE_TEST_CASE(P14_an_exchange_that_fails_with_a_wait_publishes_it, cooling) {
    begin_exchange();
    auto why = base::failure(error_kind::unavailable, phase::parse, "later");
    why.retry_after = 5s;
    fsm::event what{type::exchanged};
    what.why = &why;
    BOOST_TEST(tell(what) == action::look);
    BOOST_TEST(looked() == action::swap);
    BOOST_TEST((flight->life() == 5s));
    BOOST_TEST(answered() == action::release);
}

BOOST_FIXTURE_TEST_CASE(P14_a_cool_down_that_lasts_as_long_is_left, cooling) {
    begin_exchange();
    cool(25s);
    fsm::event what{type::told_to_wait};
    what.wait = 20s;
    tell(what);
    BOOST_TEST(looked() == action::wait);
}

// ---- trouble ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(P15_a_store_that_is_given_up_is_not_asked) {
    BOOST_TEST(begin(false) == action::exchange);
    fsm::event what{type::exchanged};
    what.allowed = false;
    BOOST_TEST(tell(what) == action::none);
}

BOOST_AUTO_TEST_CASE(P15_a_late_command_is_sent_once_more) {
    begin();
    BOOST_TEST(failed(true) == action::look);
    BOOST_TEST(failed(true) == action::wait);
    begin();
    BOOST_TEST(failed(true) == action::look);
    BOOST_TEST(looked() == action::acquire);
    BOOST_TEST(failed(true) == action::acquire);
    BOOST_TEST(acquired(true) == action::look);
}

BOOST_AUTO_TEST_CASE(P15_after_a_failure_the_exchange_follows_within_600_ms) {
    for (bool const late : {false, true})
        for (std::uint32_t const random : {0U, 1U << 31U, ~0U}) {
            auto const began = now;
            begin();
            if (late) {
                now += 250ms;
                fsm::event what{type::failed};
                what.asked = began;
                what.late = true;
                BOOST_TEST(tell(what) == action::look);
                now += 250ms;
            }
            BOOST_TEST(failed(late, random) == action::wait);
            BOOST_TEST((flight->until() - began <= 600ms));
            BOOST_TEST(woke() == action::exchange);
        }
}

BOOST_AUTO_TEST_CASE(P15_trouble_leaves_half_of_a_short_time_to_the_exchange) {
    wanted.deadline = now + 200ms;
    begin();
    auto const asked = now;
    now += 60ms;
    fsm::event what{type::failed};
    what.asked = asked;
    what.late = true;
    BOOST_TEST(tell(what) == action::look);
    now += 60ms;
    BOOST_TEST(failed(true, ~0U) == action::wait);
    BOOST_TEST((flight->until() <= asked + 120ms));
    BOOST_TEST(woke() == action::exchange);
}

BOOST_AUTO_TEST_CASE(P15_trouble_with_each_command_ends_in_an_exchange) {
    begin();
    looked();
    BOOST_TEST(failed() == action::wait); // acquiring
    BOOST_TEST(woke() == action::exchange);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap); // it had looked
    BOOST_TEST(answered() == action::release);

    begin();
    looked();
    acquired(true);
    BOOST_TEST(failed() == action::exchange); // at the cool-down: the lease is held
    exchanged(token_of("fresh"));
    BOOST_TEST(failed() == action::release); // writing

    begin();
    looked();
    acquired(false);
    woke();
    BOOST_TEST(failed() == action::wait); // while another exchanges
    BOOST_TEST(woke() == action::exchange);
}

BOOST_AUTO_TEST_CASE(P15_trouble_at_the_end_ends_it) {
    begin_exchange();
    exchanged(token_of("fresh"));
    BOOST_TEST(failed(true) == action::swap); // late: once more
    BOOST_TEST(failed(true) == action::release);
    BOOST_TEST(failed(true) == action::none);
    begin_exchange();
    exchanged(std::nullopt, outcome::other);
    BOOST_TEST(failed(true) == action::none); // the lease ends by itself
}

BOOST_AUTO_TEST_CASE(what_someone_else_has_written_meanwhile_stays) {
    begin_exchange();
    exchanged(token_of("fresh"));
    BOOST_TEST(answered(false) == action::release);
    BOOST_TEST((flight->take_notes() & note::written) == 0U);
}

// ---- cancellation -----------------------------------------------------------------------------------

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
