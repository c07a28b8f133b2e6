// S7 and S9: a token that is refreshed while it is read, and a server that is slow while many wait.
#include "soak/rig.hpp"

#include <algorithm>
#include <numeric>

namespace soak {
namespace {

/// A reader looks often; one look in so many is timed and kept.
struct readings {
    std::vector<double> took; ///< in microseconds
    std::uint64_t looks = 0;
};

asio::awaitable<void> read(sts::token_source source, clock::time_point end, readings& all) {
    constexpr std::uint64_t kept = 20;
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor);
    while (clock::now() < end) {
        auto const begun = clock::now();
        auto const token = co_await source.get();
        auto const now = clock::now();
        if (++all.looks % kept == 0) all.took.push_back(in_seconds(now - begun) * 1e6);
        timer.expires_after(milliseconds(20));
        co_await timer.async_wait(asio::use_awaitable);
    }
}

/// One of those who queue for a slow server.
struct queueing {
    std::uint64_t ended = 0, failed = 0; ///< within the time that counts
    std::vector<double> waited;          ///< in seconds, of those who both began and ended in it
    double most = 0;                     ///< of all, also of those who began before it and ended after it
    clock::time_point from, to;
};

asio::awaitable<void> queue_up(sts::client client, queueing& all) {
    while (clock::now() < all.to) {
        auto const begun = clock::now();
        auto const got = co_await client.try_exchange(any_request());
        auto const now = clock::now();
        if (got.has_error()) ++all.failed;
        all.most = std::max(all.most, in_seconds(now - begun));
        if (now < all.from || now >= all.to) continue;
        ++all.ended;
        if (begun >= all.from) all.waited.push_back(in_seconds(now - begun));
    }
}

} // namespace

report refresh(extent const& how_much) {
    auto const span = seconds(how_much.of(10, 60));
    constexpr int readers = 1000;
    sts::testing::mock_options lives;
    lives.lifetime = seconds(2);
    sts::testing::mock_sts mock(lives);
    crew all;
    sts::client const client(all.context.get_executor(), options_for(mock));
    auto const claims = sts::testing::id_token_claims().lifetime(std::chrono::hours(1));
    auto const request = sts::exchange_request(sts::subject_token(mock.id_token(claims)))
                             .scope(sts::scope("roleassignments:1"));
    sts::token_source const source(client, request);
    all.spawn(source.warm_up());
    all.join();
    auto const missed = source.stats().misses;
    readings seen;
    auto const end = clock::now() + span;
    for (int i = 0; i < readers; ++i)
        all.spawn(read(source, end, seen));
    auto const watch = [&]() -> asio::awaitable<void> {
        while (clock::now() < end) {
            co_await pause(seconds(1));
            tell("S7: " + std::to_string(seen.looks) + " reads, " + std::to_string(mock.requests()) +
                 " requests");
        }
    };
    all.spawn(watch());
    all.join();
    auto const waited = source.stats().misses - missed;
    auto const requests = static_cast<double>(mock.requests());
    auto const expected = in_seconds(span) / 0.9; // half of 2 s, up to 0.2 s earlier
    std::sort(seen.took.begin(), seen.took.end());
    auto const p99 = seen.took[seen.took.size() * 99 / 100];
    auto const off = how_much.of(2.0, 7.0);
    return {
        {"S7",
         shown(expected) + " ± " + shown(off) + " requests in " + shown(in_seconds(span)) +
             " s for tokens of 2 s",
         shown(requests), std::abs(requests - expected) <= off},
        {"S7", "no reader waits while a valid token is held",
         shown(waited) + " of " + shown(seen.looks) + " reads by 1,000 readers waited", waited == 0},
        {"S7", "99 % of the reads below 50 µs", shown(p99, 2) + " µs", p99 < 50},
    };
}

report slow_server(extent const& how_much) {
    auto const span = seconds(how_much.of(6, 20));
    constexpr int callers = 1000;
    sts::testing::mock_sts mock;
    mock.always(sts::testing::mock_answer::with(200, fixed_token).delay(milliseconds(200)));
    crew all;
    sts::client const client(all.context.get_executor(), options_for(mock));
    all.spawn(client.warm_up(64));
    all.join();
    queueing seen;
    seen.from = clock::now() + seconds(4); // a caller's first wait for its turn is 3 s
    seen.to = seen.from + span;
    for (int i = 0; i < callers; ++i)
        all.spawn(queue_up(client, seen));
    tell("S9: 1,000 callers and a slow server, for " + shown(in_seconds(span) + 7) + " s");
    all.join();
    auto const throughput = static_cast<double>(seen.ended) / in_seconds(span);
    constexpr double possible = 64 / 0.2;
    auto const mean = std::accumulate(seen.waited.begin(), seen.waited.end(), 0.0) /
                      static_cast<double>(seen.waited.size());
    return {
        {"S9", "64 connections and 200 ms give 320 exchanges per second ± 5 %",
         shown(throughput, 1) + ", " + shown(seen.failed) + " failed",
         std::abs(throughput - possible) <= possible * 0.05 && seen.failed == 0},
        {"S9", "callers are served in order: the longest wait below twice the mean",
         shown(seen.most, 2) + " s to " + shown(mean, 2) + " s", seen.most < 2 * mean},
    };
}

} // namespace soak
