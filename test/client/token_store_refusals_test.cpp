// What a fleet shares besides a token: that the service has refused one, or the request, or asks for a wait.
#include "client/fleet.hpp"

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(token_store, fleet)

BOOST_AUTO_TEST_CASE(P12_an_invalidated_token_is_replaced_once_for_all) {
    auto const first = member(), second = member();
    auto const old = token_of(first);
    run_until(context, [&] { return first.stats().store.written == 1; });
    token_of(second);
    first.invalidate(*old);
    second.invalidate(*old);
    auto const fresh = text_of(first);
    BOOST_TEST(fresh != old->access_token.reveal());
    run_until(context, [&] { return first.stats().store.written == 2; });
    BOOST_TEST(text_of(second) == fresh);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(P13_a_permanent_refusal_is_shared_for_a_moment) {
    mock.always(mock_answer::error(400, "invalid_scope"));
    auto const first = member(), second = member();
    BOOST_TEST(failure_of(first).oauth_error == "invalid_scope");
    run_until(context, [&] { return store->leases() == 0; });
    auto const why = failure_of(second);
    BOOST_TEST(why.oauth_error == "invalid_scope");
    BOOST_TEST(why.kind == error_kind::oauth);
    BOOST_TEST(mock.requests() == 1U);
    store->advance(1s);
    BOOST_TEST(failure_of(member()).oauth_error == "invalid_scope");
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(P14_a_cool_down_is_shared_while_the_exchange_still_retries) {
    mock.next(mock_answer::error(429, "").header("Retry-After", "1"));
    auto const first = member();
    waiting one(context, [&] { return first.try_get(); });
    run_until(context, [&] { return store->names().size() == 1; }); // published
    BOOST_TEST(!one.done());
    auto how = sharing();
    how.sharing.name_space = "of another request, to the same service"; // which shares no lease
    auto const other = source(client(), request().scope(sts::scope("other")), sharing());
    auto const began = std::chrono::steady_clock::now();
    token_of(other);
    BOOST_TEST((std::chrono::steady_clock::now() - began >= 500ms)); // it waited; how long is a core's test
    BOOST_TEST(one.wait().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
