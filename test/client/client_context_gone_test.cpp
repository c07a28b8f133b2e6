// Clients whose context is destroyed first, or goes with the last that owns it.
#include "support/service.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>

#include <barrier>
#include <cstddef>
#include <thread>
#include <vector>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

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

BOOST_AUTO_TEST_SUITE_END()
