// What the store has under the name of a token, and what of it is used.
#include "base/failure.hpp"
#include "core/store_fsm_fixture.hpp"
#include "core/store_record.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using fixture = test::store_fsm_fixture;

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

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

BOOST_AUTO_TEST_CASE(P7_the_clock_of_a_store_may_fall_back_by_five_seconds) {
    for (auto const beyond : {0ms, 1ms}) {
        store(record_of("ahead", -5s - beyond));
        begin();
        BOOST_TEST(looked() == (beyond == 0ms ? action::serve : action::acquire));
    }
}

BOOST_AUTO_TEST_CASE(P9_a_second_less_in_the_store_is_no_shorter_life) {
    store(record_of("stored"));
    for (auto const less : {0ms, 500ms, 1000ms, 1001ms}) {
        left = 3600s - less;
        begin();
        BOOST_TEST(looked() == action::serve);
        BOOST_TEST((*served().expires_in == (less <= 1000ms ? 3600s : 3598s)));
    }
}

BOOST_AUTO_TEST_CASE(a_token_is_taken_to_the_very_end_of_the_time_for_which_it_is_served) {
    for (auto const age : {3540s - 1ms, milliseconds(3540s)}) {
        store(record_of("stored", age));
        begin();
        BOOST_TEST(looked() == (age < 3540s ? action::serve : action::acquire));
    }
}

BOOST_AUTO_TEST_CASE(P13_a_refusal_has_ended_at_its_end) {
    for (auto const age : {999ms, 1000ms}) {
        core::store_record made;
        made.is = core::store_record::content::refusal;
        made.failed = base::failure(error_kind::oauth, phase::oauth, "no");
        made.generation = store_time() - age;
        made.life = 1s;
        store(made);
        begin();
        BOOST_TEST(looked() == (age < 1s ? action::fail : action::acquire));
    }
}

BOOST_AUTO_TEST_CASE(P15_what_was_seen_before_the_trouble_is_what_is_replaced) {
    store(record_of("old", 3590s));
    begin();
    looked();
    BOOST_TEST(failed() == action::wait);
    BOOST_TEST(woke() == action::exchange);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
    BOOST_TEST(flight->expected().value() == record.value());
}

BOOST_AUTO_TEST_SUITE_END()
