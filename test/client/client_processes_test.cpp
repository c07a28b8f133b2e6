// The client beside other processes: a service that is killed and comes back, a child of fork, and what a
// thousand idle connections take.
#include "support/sanitized.hpp"
#include "support/service.hpp"
#include "support/service_process.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <malloc.h>
#include <openssl/opensslv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

namespace {

struct fixture {
    service_process server; // first: it must be forked before there are threads
    asio::io_context context;
    sts::exchange_request const request =
        sts::exchange_request(sts::subject_token("abc")).scope(sts::scope("s")).timeout(2s);

    sts::client_options options() const {
        sts::client_options made;
        made.endpoint = sts::endpoint(server.url());
        made.tls.ca_pem = server.ca_pem();
        return made;
    }
};

struct tally {
    std::size_t begun = 0, ended = 0, tokens = 0, late = 0;
    std::map<error_kind, std::size_t> errors;
};

asio::awaitable<void> one_exchange(sts::client client, sts::exchange_request request, tally& all) {
    auto const started = std::chrono::steady_clock::now();
    auto const got = co_await client.try_exchange(request);
    // The grain of deadlines, and what a busy machine adds: a guard, no measure.
    if (std::chrono::steady_clock::now() - started > *request.timeout() + 1s) ++all.late;
    ++all.ended;
    if (got.has_value())
        ++all.tokens;
    else
        ++all.errors[got.error().kind];
}

/// Begins so many exchanges a second, whatever becomes of them.
asio::awaitable<void> steady_load(sts::client client, sts::exchange_request request, std::size_t a_second,
                                  std::chrono::seconds span, tally& all) {
    auto const executor = co_await asio::this_coro::executor;
    auto const start = std::chrono::steady_clock::now();
    auto const total = a_second * static_cast<std::size_t>(span.count());
    asio::steady_timer tick(executor);
    while (all.begun < total) {
        asio::co_spawn(executor, one_exchange(client, request, all), asio::detached);
        ++all.begun;
        tick.expires_at(start + all.begun * std::chrono::nanoseconds(1s) / a_second);
        co_await tick.async_wait(asio::use_awaitable);
    }
}

/// A quarter of the time nobody listens.
asio::awaitable<void> kill_and_restart(service_process& server, tally const& all, std::size_t total,
                                       bool& over) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer tick(executor);
    while (all.begun < total) {
        tick.expires_after(150ms);
        co_await tick.async_wait(asio::use_awaitable);
        server.kill();
        tick.expires_after(50ms);
        co_await tick.async_wait(asio::use_awaitable);
        server.start();
    }
    over = true;
}

std::size_t number_from_environment(char const* name, std::size_t otherwise) {
    auto const* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return value != nullptr ? std::stoul(value) : otherwise;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(processes, fixture)

BOOST_AUTO_TEST_CASE(S4_a_service_killed_every_200_ms_loses_no_call) {
    auto const seconds = number_from_environment("EQUINIX_STS_STORM_SECONDS", 15);
    constexpr std::size_t a_second = TEST_SANITIZED ? 100 : 500;
    auto const total = a_second * seconds;
    auto observed = options();
    std::size_t found_closed = 0;
    observed.observer = [&](sts::event const& of) {
        if (of.type == sts::event_type::connection_failed && of.kind == error_kind::connect) ++found_closed;
    };
    sts::client const client(context.get_executor(), observed);
    tally all;
    bool over = false;
    asio::co_spawn(context, steady_load(client, request, a_second, std::chrono::seconds(seconds), all),
                   asio::detached);
    asio::co_spawn(context, kill_and_restart(server, all, total, over), asio::detached);
    run_until(context, [&] { return all.ended == total && over; });
    BOOST_TEST(all.begun == total);
    BOOST_TEST(all.late == 0U);
    BOOST_TEST(all.tokens > total / 2);
    BOOST_TEST(found_closed > 0U);
    for (auto const& [kind, count] : all.errors) {
        BOOST_TEST_MESSAGE(to_string(kind) << ": " << count);
        BOOST_TEST((kind == error_kind::connect || kind == error_kind::network ||
                    kind == error_kind::truncated || kind == error_kind::timeout),
                   kind);
    }
    BOOST_TEST_MESSAGE("tokens: " << all.tokens << " of " << total << ", retries " << client.stats().retries);
    BOOST_TEST(client.stats().waiting == 0U);
    BOOST_TEST(client.stats().leased == 0U);
    for (int i = 0; i < 10; ++i) { // now that it is there to stay
        started later(context, client, request);
        BOOST_TEST(later.wait().has_value());
    }
}

BOOST_AUTO_TEST_CASE(L6_a_child_of_fork_that_destroys_its_copy_leaves_the_parents_connections_alone) {
    std::optional<sts::client> client(std::in_place, context.get_executor(), options());
    started first(context, *client, request);
    BOOST_REQUIRE(first.wait().has_value());
    auto const child = ::fork();
    if (child == 0) {
        client->close();
        client.reset();
        ::_exit(0);
    }
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST(status == 0);
    for (int i = 0; i < 3; ++i) {
        started next(context, *client, request);
        BOOST_TEST(next.wait().has_value());
    }
    BOOST_TEST(client->stats().handshakes_full + client->stats().handshakes_resumed == 1U);
}

#if !TEST_SANITIZED
BOOST_AUTO_TEST_CASE(an_idle_connection_takes_at_most_32_kib_and_an_ml_kem_key) {
    constexpr std::size_t connections = 1000;
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = std::min<rlim_t>(descriptors.rlim_max, 4 * connections);
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    server.kill(); // it began with the lower limit
    server.start();
    auto options = this->options();
    options.pool.max_connections = connections;
    options.timeout = options.connect_timeout = 60s;
    sts::client const client(context.get_executor(), options);
    started first(context, client, request);
    BOOST_REQUIRE(first.wait().has_value());
    auto const before = ::mallinfo2();
    std::exception_ptr failed;
    bool done = false;
    asio::co_spawn(context, client.warm_up(connections), [&](std::exception_ptr thrown) {
        failed = thrown;
        done = true;
    });
    run_until(context, [&] { return done; });
    BOOST_REQUIRE(!failed);
    // Each has carried an exchange, as those of a service have.
    for (int round = 0; round < 2; ++round) {
        std::vector<std::unique_ptr<started>> all;
        for (std::size_t i = 0; i < connections; ++i)
            all.push_back(std::make_unique<started>(context, client, request));
        for (auto const& one : all)
            BOOST_REQUIRE(one->wait().has_value());
    }
    BOOST_REQUIRE(client.stats().idle == connections);
    auto const after = ::mallinfo2();
    auto const each = (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / (connections - 1);
    std::cout << "an idle connection takes " << each << " bytes\n";
    // OpenSSL 3.5 offers ML-KEM first and keeps the key of the handshake as long as the connection.
    constexpr std::size_t most = OPENSSL_VERSION_PREREQ(3, 5) ? 40 : 32;
    BOOST_TEST(each <= most * 1024);
    BOOST_TEST(each >= 1024U); // else it was not measured
}
#endif

BOOST_AUTO_TEST_SUITE_END()
