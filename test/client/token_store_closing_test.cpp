// The end of sources that share a store, and of those who wait for them.
#include "client/fleet.hpp"

using namespace test;
using namespace std::chrono_literals;
using sts::testing::mock_answer;
using sts::testing::store_fault;
using fault = store_fault::type;

BOOST_FIXTURE_TEST_SUITE(token_store, fleet)

BOOST_AUTO_TEST_CASE(a_shutdown_waits_until_the_token_is_written) {
    auto const one = member();
    token_of(one);
    settle(one);
    BOOST_TEST(store->names().size() == 1U);
    BOOST_TEST(store->leases() == 0U);
}

BOOST_AUTO_TEST_CASE(a_close_while_another_process_exchanges_ends_the_wait) {
    mock.next(mock_answer::genuine().hold());
    auto const holder = member(), other = member();
    waiting first(context, [&] { return holder.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    waiting second(context, [&] { return other.try_get(); });
    run_until(context, [&] { return other.stats().store.leases_awaited == 1; });
    other.close();
    BOOST_TEST(second.canceled());
    mock.release();
    BOOST_TEST(first.wait().has_value());
}

BOOST_AUTO_TEST_CASE(the_last_caller_that_leaves_cancels_the_wait) {
    mock.next(mock_answer::genuine().hold());
    auto const holder = member(), other = member();
    waiting first(context, [&] { return holder.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    waiting second(context, [&] { return other.try_get(); });
    run_until(context, [&] { return other.stats().store.leases_awaited == 1; });
    second.cancel();
    BOOST_TEST(second.canceled());
    run_until(context, [&] { return other.stats().in_flight == 0; });
    mock.release();
    BOOST_TEST(first.wait().has_value());
}

BOOST_AUTO_TEST_CASE(a_cancellation_during_the_exchange_cancels_that) {
    mock.next(mock_answer::genuine().hold());
    auto const one = member();
    waiting first(context, [&] { return one.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    first.cancel();
    BOOST_TEST(first.canceled());
    run_until(context, [&] { return one.stats().in_flight == 0 && store->leases() == 0; });
    mock.release();
}

BOOST_AUTO_TEST_CASE(F12_the_context_may_end_at_any_moment) {
    for (int events = 0; events < 60; ++events) {
        store->clear();
        asio::io_context gone;
        sts::token_source const one(sts::client(gone.get_executor(), options()), asked, sharing());
        asio::co_spawn(gone, one.try_get(), [](auto, auto) {});
        for (int i = 0; i < events; ++i)
            gone.run_one_for(20ms);
    }
    store->clear();
    BOOST_TEST(get(member()).has_value());
}

BOOST_AUTO_TEST_CASE(F12_also_while_the_store_is_silent) {
    fail_all(store_fault(fault::silent));
    for (int events = 0; events < 8; ++events) {
        asio::io_context gone;
        sts::token_source const one(sts::client(gone.get_executor(), options()), asked, sharing());
        asio::co_spawn(gone, one.try_get(), [](auto, auto) {});
        for (int i = 0; i < events; ++i)
            gone.run_one_for(10ms);
    }
}

BOOST_AUTO_TEST_SUITE_END()
