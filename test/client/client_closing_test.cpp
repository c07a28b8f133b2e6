// The end of a client: close and shutdown.
#include "client/held_service.hpp"
#include "support/refused.hpp"

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

BOOST_FIXTURE_TEST_SUITE(closing, held)

BOOST_AUTO_TEST_CASE(E14_cancels_what_is_in_flight_and_what_waits) {
    auto const sts_client = single();
    auto const first = in_flight(sts_client);
    started second(context, sts_client, request());
    context.poll();
    sts_client.close();
    sts_client.close();
    BOOST_TEST(first->wait().error().kind == error_kind::canceled);
    BOOST_TEST(second.wait().error().kind == error_kind::canceled);
    BOOST_TEST(contains(first->wait().error().message, "closed"));
    auto const later = failure(sts_client);
    BOOST_TEST(later.kind == error_kind::canceled);
    BOOST_TEST(!later.request_sent);
    context.restart();
    context.run();
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(by_shutdown_waits_for_what_is_in_flight) {
    auto const sts_client = single();
    auto const first = in_flight(sts_client);
    started second(context, sts_client, request());
    context.poll();
    bool down = false;
    asio::co_spawn(context, sts_client.shutdown(), [&](std::exception_ptr failed) {
        BOOST_TEST(!failed);
        down = true;
    });
    context.poll();
    BOOST_TEST(!down);
    BOOST_TEST(failure(sts_client).kind == error_kind::canceled); // no new ones
    mock.release();
    run_until(context, [&] { return down; });
    BOOST_TEST(first->wait().has_value());
    BOOST_TEST(second.wait().has_value());
    context.restart();
    context.run();
}

BOOST_AUTO_TEST_CASE(by_shutdown_comes_after_what_it_waited_for) {
    auto const sts_client = single();
    auto const last = in_flight(sts_client);
    std::optional<bool> told_first;
    asio::co_spawn(context, sts_client.shutdown(), [&](std::exception_ptr) { told_first = last->done(); });
    context.poll();
    mock.release();
    run_until(context, [&] { return told_first.has_value(); });
    BOOST_TEST(*told_first);
}

BOOST_AUTO_TEST_CASE(by_shutdown_is_bounded) {
    auto brief = options();
    brief.shutdown_timeout = 50ms;
    auto const sts_client = client(brief);
    auto const first = in_flight(sts_client);
    bool down = false;
    asio::co_spawn(context, sts_client.shutdown(), [&](std::exception_ptr) { down = true; });
    run_until(context, [&] { return down; });
    BOOST_TEST(first->wait().error().kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(by_shutdown_of_an_idle_client_ends_at_once) {
    mock.release();
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    int down = 0;
    for (int i = 0; i < 2; ++i)
        asio::co_spawn(context, sts_client.shutdown(), [&](std::exception_ptr) { ++down; });
    context.restart();
    context.run();
    BOOST_TEST(down == 2);
}

BOOST_AUTO_TEST_CASE(by_a_cancelled_shutdown_is_immediate) {
    auto const sts_client = client();
    auto const first = in_flight(sts_client);
    asio::cancellation_signal signal;
    bool down = false;
    asio::co_spawn(context, sts_client.shutdown(),
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { down = true; }));
    context.poll();
    signal.emit(asio::cancellation_type::terminal);
    run_until(context, [&] { return down; });
    BOOST_TEST(first->wait().error().kind == error_kind::canceled);
}

BOOST_AUTO_TEST_SUITE_END()
