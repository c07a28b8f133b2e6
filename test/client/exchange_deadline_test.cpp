// Exchanges whose time is over: deadline and connect_timeout (section F of doc/faults.md).
#include "client/held_service.hpp"
#include "support/refused.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;

BOOST_FIXTURE_TEST_SUITE(deadline, held)

BOOST_AUTO_TEST_CASE(F1_no_answer_is_a_timeout_while_reading) {
    auto const info = failure(client(), request().timeout(100ms));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::read);
    BOOST_TEST(info.request_sent);
    BOOST_TEST(info.attempts == 1U);
}

BOOST_AUTO_TEST_CASE(F5_waiting_for_a_connection_counts) {
    auto const sts_client = single();
    auto const first = in_flight(sts_client);
    auto const info = failure(sts_client, request().timeout(50ms));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::queue);
    BOOST_TEST(!info.request_sent);
    BOOST_TEST(info.attempts == 0U);
    mock.release();
    BOOST_TEST(first->wait().has_value());
}

BOOST_AUTO_TEST_CASE(F2_a_deadline_that_is_over_starts_nothing) {
    auto const info = failure(client(), request().timeout(1ns));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(!info.request_sent);
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(F2_the_longest_deadline_does_not_overflow) {
    mock.release();
    BOOST_TEST(exchange(client(), request().timeout(std::chrono::nanoseconds::max())).has_value());
    auto endless = options();
    endless.timeout = endless.connect_timeout = endless.pool.idle_timeout = endless.pool.max_age =
        std::chrono::nanoseconds::max();
    BOOST_TEST(exchange(client(endless)).has_value());
}

BOOST_AUTO_TEST_CASE(the_clients_own_applies_when_the_request_has_none) {
    auto brief = options();
    brief.timeout = 50ms;
    BOOST_TEST(failure(client(brief)).kind == error_kind::timeout);
}

BOOST_AUTO_TEST_CASE(E13_a_timed_out_connection_is_not_used_again) {
    auto const sts_client = client();
    asio::co_spawn(context, sts_client.warm_up(1), asio::detached);
    run_until(context, [&] { return sts_client.stats().idle == 1; });
    BOOST_TEST(failure(sts_client, request().timeout(50ms)).kind == error_kind::timeout);
    mock.release();
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(C16_F5_a_server_that_is_silent_in_the_handshake_meets_the_connect_bound) {
    asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
    auto brief = options();
    brief.endpoint =
        sts::endpoint("https://localhost:" + std::to_string(silent.local_endpoint().port()) + "/");
    brief.connect_timeout = 50ms;
    auto const bound = failure(client(brief));
    BOOST_TEST(bound.kind == error_kind::timeout);
    BOOST_TEST(bound.phase == phase::tls);
    BOOST_TEST(contains(bound.message, "connect_timeout"));
    brief.connect_timeout = 5s;
    auto const deadline = failure(client(brief), request().timeout(50ms));
    BOOST_TEST(deadline.kind == error_kind::timeout);
    BOOST_TEST(deadline.phase == phase::tls);
}

BOOST_AUTO_TEST_CASE(C19_a_handshake_whose_flights_come_late_meets_the_connect_bound) {
    asio::ip::tcp::acceptor relay(context, {asio::ip::address_v4::loopback(), 0});
    auto const carry = [](std::shared_ptr<asio::ip::tcp::socket> from,
                          std::shared_ptr<asio::ip::tcp::socket> to) -> asio::awaitable<void> {
        std::array<char, 100> block; // NOLINT: filled by the read
        asio::steady_timer pause(from->get_executor());
        for (;;) {
            auto const got =
                co_await from->async_read_some(asio::buffer(block), asio::as_tuple(asio::use_awaitable));
            if (std::get<0>(got)) break;
            pause.expires_after(20ms);
            co_await pause.async_wait(asio::use_awaitable);
            auto const sent = co_await asio::async_write(*to, asio::buffer(block, std::get<1>(got)),
                                                         asio::as_tuple(asio::use_awaitable));
            if (std::get<0>(sent)) break;
        }
        from->close();
        to->close();
    };
    auto const serve = [&](asio::ip::tcp::endpoint to) -> asio::awaitable<void> {
        auto peer = std::make_shared<asio::ip::tcp::socket>(context);
        auto const accepted = co_await relay.async_accept(*peer, asio::as_tuple(asio::use_awaitable));
        if (std::get<0>(accepted)) co_return;
        auto origin = std::make_shared<asio::ip::tcp::socket>(context);
        co_await origin->async_connect(to, asio::use_awaitable);
        asio::co_spawn(context, carry(origin, peer), asio::detached);
        co_await carry(peer, origin);
    };
    asio::co_spawn(context, serve({asio::ip::address_v4::loopback(), mock.port()}), asio::detached);
    auto brief = one_attempt();
    brief.endpoint =
        sts::endpoint("https://localhost:" + std::to_string(relay.local_endpoint().port()) + "/use/token");
    brief.connect_timeout = 100ms; // a byte comes within it all the time
    auto const info = failure(client(brief));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::tls);
}

BOOST_AUTO_TEST_SUITE_END()
