// Exchanges that are cancelled: before they begin, while they wait, twice (section F of doc/faults.md).
#include "client/held_service.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

using namespace test;
using sts::error_kind;
using sts::phase;

BOOST_FIXTURE_TEST_SUITE(cancellation, held)

BOOST_AUTO_TEST_CASE(E13_F7_ends_an_exchange_that_waits_for_its_answer) {
    auto const sts_client = client();
    auto const one = in_flight(sts_client);
    one->cancel();
    one->cancel(); // F7
    auto const info = one->wait().error();
    BOOST_TEST(info.kind == error_kind::canceled);
    BOOST_TEST(info.phase == phase::read);
    BOOST_TEST(info.request_sent);
    one->cancel(); // F7
    mock.release();
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U); // E13
}

BOOST_AUTO_TEST_CASE(E9_ends_an_exchange_that_waits_for_a_connection_and_that_alone) {
    auto const sts_client = single();
    auto const first = in_flight(sts_client);
    started second(context, sts_client, request());
    started third(context, sts_client, request());
    context.poll();
    second.cancel();
    BOOST_TEST(second.wait().error().kind == error_kind::canceled);
    BOOST_TEST(!second.wait().error().request_sent);
    mock.release();
    BOOST_TEST(first->wait().has_value());
    BOOST_TEST(third.wait().has_value());
    BOOST_TEST(mock.connections() == 1U);
}

BOOST_AUTO_TEST_CASE(F7_before_the_start_does_no_io) {
    auto const sts_client = client();
    asio::cancellation_signal signal;
    std::exception_ptr thrown;
    auto const run = [](sts::client one, sts::exchange_request request,
                        asio::cancellation_signal& cancel) -> asio::awaitable<void> {
        co_await asio::post(asio::use_awaitable); // 1.81's co_spawn mishandles one that never suspended
        cancel.emit(asio::cancellation_type::terminal);
        auto const unreached = co_await one.try_exchange(request);
        BOOST_TEST(unreached.has_error());
    };
    asio::co_spawn(
        context, run(sts_client, request(), signal),
        asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr what) { thrown = what; }));
    run_until(context, [&] { return thrown != nullptr; }); // by Asio itself, at that co_await
    BOOST_CHECK_THROW(std::rethrow_exception(thrown), boost::system::system_error);
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(F7_is_reported_by_the_exchange_itself_when_the_caller_does_not_throw) {
    std::optional<outcome> got;
    asio::cancellation_signal signal;
    auto const run = [](sts::client one, sts::exchange_request request, asio::cancellation_signal& cancel,
                        std::optional<outcome>& out) -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        cancel.emit(asio::cancellation_type::terminal);
        auto result = co_await one.try_exchange(request);
        out.emplace(std::move(result));
    };
    asio::co_spawn(context, run(client(), request(), signal, got),
                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
    run_until(context, [&] { return got.has_value(); });
    BOOST_TEST(got->error().kind == error_kind::canceled);
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(of_type_total_is_obeyed_only_while_nothing_was_sent) {
    auto const sts_client = single();
    auto const first = in_flight(sts_client);
    started second(context, sts_client, request());
    context.poll();
    first->cancel(asio::cancellation_type::total);
    second.cancel(asio::cancellation_type::total);
    BOOST_TEST(second.wait().error().kind == error_kind::canceled);
    mock.release();
    BOOST_TEST(first->wait().has_value());
}

BOOST_AUTO_TEST_CASE(F7_a_shutdown_that_was_cancelled_before_closes_at_once) {
    auto const sts_client = client();
    auto const one = in_flight(sts_client);
    asio::cancellation_signal signal;
    bool over = false;
    auto const run = [](sts::client what, asio::cancellation_signal& cancel,
                        bool& out) -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        cancel.emit(asio::cancellation_type::terminal);
        co_await what.shutdown();
        out = true;
    };
    asio::co_spawn(context, run(sts_client, signal, over),
                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
    run_until(context, [&] { return over; });
    BOOST_TEST(one->wait().error().kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(F7_a_warm_up_that_was_cancelled_before_opens_nothing) {
    asio::cancellation_signal signal;
    std::optional<sts::error_info> got;
    auto const run = [](sts::client what, asio::cancellation_signal& cancel,
                        std::optional<sts::error_info>& out) -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        cancel.emit(asio::cancellation_type::terminal);
        try {
            co_await what.warm_up(1);
        } catch (sts::error const& refused) {
            out = refused.info();
        }
    };
    asio::co_spawn(context, run(client(), signal, got),
                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
    run_until(context, [&] { return got.has_value(); });
    BOOST_TEST(got->kind == error_kind::canceled);
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
