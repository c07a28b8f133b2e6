// How an exchange ends before its answer: deadlines, cancellation, close, shutdown (section F of
// doc/faults.md).
#include "support/refused.hpp"
#include "support/service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

using namespace test;
using sts::error_kind;
using sts::phase;
using sts::testing::mock_answer;
using namespace std::chrono_literals;

namespace {

/// A service that answers only when told, with one exchange under way that it has received.
struct held : service {
    held() { mock.always(mock_answer::genuine().hold()); }

    std::unique_ptr<started> in_flight(sts::client const& on) {
        auto const before = mock.requests();
        auto one = std::make_unique<started>(context, on, request());
        run_until(context, [&] { return mock.requests() > before; });
        return one;
    }
    sts::client single() {
        auto limited = options();
        limited.pool.max_connections = 1;
        return client(limited);
    }
};

sts::client_options trusting(sts::testing::mock_sts const& mock) {
    sts::client_options options;
    options.endpoint = sts::endpoint(mock.url());
    options.tls.ca_pem = mock.ca_pem();
    return options;
}

/// Keeps its context.
class owning_executor {
public:
    explicit owning_executor(std::shared_ptr<asio::io_context> home) : home_(std::move(home)) {}

    asio::execution_context& query(asio::execution::context_t) const noexcept { return *home_; }
    static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
        return asio::execution::blocking.never;
    }
    owning_executor require(asio::execution::blocking_t::never_t) const { return *this; }
    template <class Function>
    void execute(Function what) const {
        asio::require(home_->get_executor(), asio::execution::blocking.never).execute(std::move(what));
    }
    friend bool operator==(owning_executor const&, owning_executor const&) = default;

private:
    std::shared_ptr<asio::io_context> home_;
};

/// A context that goes with what is made of `home`, and with that alone.
struct owned {
    template <class Owner>
    void goes_with(std::optional<Owner>& last) {
        home.reset();
        BOOST_TEST(!watch.expired());
        last.reset();
        BOOST_TEST(watch.expired());
    }
    sts::suppliers::supplier_ptr supplier() const {
        return sts::suppliers::callback([home = home] { return sts::subject_token("a"); });
    }

    std::shared_ptr<asio::io_context> home = std::make_shared<asio::io_context>();
    std::weak_ptr<asio::io_context> const watch = home;
};

} // namespace

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

BOOST_AUTO_TEST_SUITE_END()

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

BOOST_AUTO_TEST_SUITE(context_gone)

// Nothing may leak or be touched afterwards, which the sanitizers watch.
BOOST_AUTO_TEST_CASE(F12_first_takes_everything_along) {
    sts::testing::mock_sts mock;
    mock.always(mock_answer::genuine().hold());
    auto options = trusting(mock);
    options.pool.max_connections = 2;
    std::optional<sts::client> survivor;
    int resumed = 0;
    {
        asio::io_context context;
        survivor.emplace(context.get_executor(), options);
        auto const asked = sts::exchange_request(sts::subject_token(mock.id_token())).scope(sts::scope("s"));
        for (int i = 0; i < 5; ++i)
            asio::co_spawn(context, survivor->try_exchange(asked),
                           [&](std::exception_ptr, outcome const&) { ++resumed; });
        asio::co_spawn(context, survivor->shutdown(), [&](std::exception_ptr) { ++resumed; });
        run_until(context, [&] { return mock.requests() == 2; });
    }
    BOOST_TEST(resumed == 0);
    survivor->close();
    asio::io_context other;
    std::optional<outcome> late;
    asio::co_spawn(other, survivor->try_exchange(sts::exchange_request::client_credentials()),
                   [&](std::exception_ptr, outcome got) { late.emplace(std::move(got)); });
    bool down = false;
    std::exception_ptr cold;
    asio::co_spawn(other, survivor->shutdown(), [&](std::exception_ptr) { down = true; });
    asio::co_spawn(other, survivor->warm_up(1), [&](std::exception_ptr failed) { cold = failed; });
    other.run();
    BOOST_TEST(late->error().kind == error_kind::canceled);
    BOOST_TEST(down);
    BOOST_CHECK_THROW(std::rethrow_exception(cold), sts::error);
}

BOOST_AUTO_TEST_CASE(F12_first_also_when_the_client_lives_on_a_strand_of_it) {
    sts::testing::mock_sts const mock;
    auto options = trusting(mock);
    std::optional<sts::client> survivor;
    {
        asio::io_context context;
        survivor.emplace(asio::make_strand(context), options);
    }
    auto const request = sts::exchange_request::client_credentials();
    BOOST_CHECK_EXCEPTION(sts::token_source(*survivor, request), sts::error,
                          [](sts::error const& why) { return why.kind() == error_kind::canceled; });
    survivor.reset();
}

BOOST_AUTO_TEST_CASE(F12_first_while_other_threads_let_go_of_its_clients) {
    sts::testing::mock_sts const mock;
    auto options = trusting(mock);
    auto const request = sts::exchange_request(sts::subject_token(mock.id_token())).scope(sts::scope("s"));
    for (int round = 0; round < 50; ++round) {
        auto home = std::make_unique<asio::io_context>();
        std::vector<sts::client> clients;
        for (int i = 0; i < 4; ++i) {
            clients.emplace_back(home->get_executor(), options);
            std::optional<outcome> got;
            asio::co_spawn(*home, clients.back().try_exchange(request),
                           [&](std::exception_ptr, outcome one) { got.emplace(std::move(one)); });
            run_until(*home, [&] { return got.has_value(); });
            BOOST_REQUIRE(got->has_value());
        }
        std::vector<std::optional<sts::token_source>> sources;
        for (auto const& client : clients)
            sources.emplace_back(std::in_place, client, request);
        std::barrier together(2);
        std::thread other([&] {
            together.arrive_and_wait();
            while (!clients.empty()) {
                clients.pop_back();
                sources.pop_back();
            }
        });
        together.arrive_and_wait();
        home.reset();
        other.join();
    }
}

BOOST_AUTO_TEST_CASE(F12_first_while_another_thread_lets_go_of_many_connections_on_a_strand) {
    constexpr std::size_t connections = 200;
    sts::testing::mock_sts const mock;
    auto options = trusting(mock);
    options.pool.max_connections = connections;
    options.timeout = options.connect_timeout = patience;
    for (int round = 0; round < 10; ++round) {
        auto home = std::make_unique<asio::io_context>();
        std::optional<sts::client> client(std::in_place, asio::make_strand(*home), options);
        bool warm = false;
        asio::co_spawn(*home, client->warm_up(connections), [&](std::exception_ptr const&) { warm = true; });
        run_until(*home, [&] { return warm; });
        BOOST_REQUIRE(client->stats().idle == connections);
        std::barrier together(2);
        std::thread other([&] {
            together.arrive_and_wait();
            client.reset();
        });
        together.arrive_and_wait();
        home.reset();
        other.join();
    }
}

// What goes with the library may be the last to own the context, which then goes within a call of the
// library.

BOOST_FIXTURE_TEST_CASE(a_context_that_a_clients_options_own_goes_with_the_last_source, owned) {
    sts::client_options options;
    options.retry.classifier = [home = home](sts::error_info const&, unsigned) {
        return sts::retry_decision::by_default;
    };
    std::optional<sts::token_source> last(std::in_place, sts::client(home->get_executor(), options),
                                          sts::exchange_request::client_credentials());
    options = sts::client_options();
    goes_with(last);
}

BOOST_FIXTURE_TEST_CASE(a_context_that_a_supplier_owns_goes_with_the_source, owned) {
    std::optional<sts::token_source> last(std::in_place,
                                          sts::client(home->get_executor(), sts::client_options()),
                                          sts::exchange_request(supplier()));
    goes_with(last);
}

BOOST_FIXTURE_TEST_CASE(a_context_that_a_supplier_owns_goes_with_the_cache, owned) {
    sts::client_options options;
    options.endpoint = sts::endpoint("https://127.0.0.1:9/");
    std::optional<sts::token_cache> last(std::in_place, sts::client(home->get_executor(), options),
                                         sts::cache_options());
    asio::co_spawn(*home, last->try_get(sts::exchange_request(supplier())), asio::detached);
    home->run(); // fails, and the key stays
    BOOST_TEST(last->stats().keys == 1U);
    goes_with(last);
}

BOOST_FIXTURE_TEST_CASE(a_context_that_its_executors_own_goes_with_the_last_client, owned) {
    std::optional<sts::client> client(std::in_place, owning_executor(home), sts::client_options());
    std::optional<sts::token_source> last(std::in_place, *client,
                                          sts::exchange_request::client_credentials());
    client.reset();
    goes_with(last);
}

BOOST_AUTO_TEST_CASE(F12_first_leaves_nothing_for_the_callers_signal_to_touch) {
    sts::testing::mock_sts mock;
    mock.always(mock_answer::genuine().hold());
    auto options = trusting(mock);
    for (bool const with_client : {false, true}) {
        asio::io_context callers;
        asio::cancellation_signal signal;
        auto home = std::make_unique<asio::io_context>();
        std::optional<sts::client> client(std::in_place, home->get_executor(), options);
        auto const asked = sts::exchange_request(sts::subject_token(mock.id_token())).scope(sts::scope("s"));
        asio::co_spawn(callers, client->try_exchange(asked),
                       asio::bind_cancellation_slot(signal.slot(), asio::detached));
        auto const before = mock.requests();
        while (mock.requests() == before) {
            callers.poll();
            home->poll();
        }
        if (with_client) client.reset();
        home.reset(); // and with it the caller's coroutine
        signal.emit(asio::cancellation_type::terminal);
        callers.restart();
        callers.run();
    }
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(in_the_middle_of_connecting_leaks_nothing) {
    sts::testing::mock_sts const mock;
    auto options = trusting(mock);
    for (int steps = 0; steps < 20; ++steps) {
        asio::io_context context;
        sts::client const client(context.get_executor(), options);
        auto const asked = sts::exchange_request(sts::subject_token(mock.id_token())).scope(sts::scope("s"));
        asio::co_spawn(context, client.try_exchange(asked), asio::detached);
        for (int i = 0; i < steps; ++i)
            context.poll_one();
    }
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_SUITE_END()
