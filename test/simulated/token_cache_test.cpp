// A token cache whose token is due, in simulated time.
#include "simulated/simulation.hpp"

#include <equinix/sts/token_cache.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::testing::mock_answer;

namespace {

/// With a token that is due.
struct due : simulation {
    due() {
        get();
        run_for(50min, 50min); // it is served for 54
    }

    token_ptr get() {
        waiting one(context, [&] { return cache.try_get(name, credentials()); });
        poll_until(context, [&] { return one.done(); });
        auto const got = one.wait();
        BOOST_REQUIRE(got.has_value());
        return *got;
    }

    sts::token_cache cache{used};
    sts::token_cache::key name = cache.key_of(credentials());
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(cache, due)

BOOST_AUTO_TEST_CASE(who_asks_again_for_an_erased_key_gets_a_token) {
    mock.next(mock_answer::genuine().hold());
    BOOST_REQUIRE(cache.peek(name) != nullptr);
    poll_until(context, [&] { return mock.requests() == 2; });
    cache.erase(name);
    auto const fresh = get();
    mock.release();
    poll_until(context, [&] { return cache.stats().tokens.in_flight == 0; });
    BOOST_TEST(cache.peek(name) == fresh);
    BOOST_TEST(cache.stats().keys == 1U);
}

BOOST_AUTO_TEST_CASE(a_service_that_stops_telling_lifetimes_is_asked_rarely) {
    mock.always(mock_answer::with(200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
                                       R"("urn:ietf:params:oauth:token-type:access_token"})"));
    auto const held = cache.peek(name);
    BOOST_REQUIRE(held != nullptr);
    for (int i = 0; i < 600; ++i) { // a minute, with two looks each 100 ms
        simulated::advance(100ms);
        BOOST_REQUIRE(get() == held);
        BOOST_REQUIRE(cache.peek(name) == held);
        poll_until(context, [&] { return cache.stats().tokens.in_flight == 0; });
    }
    BOOST_TEST(mock.requests() >= 6U); // 1, 2, 4... s apart
    BOOST_TEST(mock.requests() <= 8U);
}

BOOST_AUTO_TEST_SUITE_END()
