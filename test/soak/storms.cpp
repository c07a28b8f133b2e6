// S5, S6 and S10: many at once, who leave, who want the same, who come first.
#include "soak/mock_process.hpp"
#include "soak/rig.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <random>

namespace soak {
namespace {

/// An exchange that is cancelled when its time has come, unless it has ended before.
struct doomed {
    asio::cancellation_signal signal;
    clock::time_point at;
};

struct storm {
    std::uint64_t begun = 0, completed = 0, tokens = 0, canceled = 0, otherwise = 0;
    std::uint64_t canceled_on_the_way = 0; ///< of those: when the service may have seen the request
    clock::duration longest{}; ///< before which each is cancelled; such that a fifth gets its token before
    std::list<doomed> under_way;
    std::minstd_rand random{20261124}; // NOLINT: the same run each time
};

asio::awaitable<void> exchange(sts::client client, sts::exchange_request request, storm& of) {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const got = co_await client.try_exchange(request);
    if (got.has_value()) {
        ++of.tokens;
        of.longest -= of.longest / 50;
    } else if (got.error().kind == sts::error_kind::canceled) {
        ++of.canceled;
        if (got.error().request_sent) ++of.canceled_on_the_way;
        of.longest += of.longest / 200;
    } else {
        ++of.otherwise;
    }
}

void begin(sts::client const& client, asio::io_context& context, storm& of) {
    auto const place = of.under_way.emplace(of.under_way.end());
    place->at = clock::now() + of.longest * static_cast<int>(of.random() % 1000) / 1000;
    ++of.begun;
    // What was cancelled before it began ends with an exception of Asio's: one completion all the same.
    asio::co_spawn(
        context, exchange(client, any_request(), of),
        asio::bind_cancellation_slot(place->signal.slot(), [&of, place](std::exception_ptr thrown) {
            if (thrown) ++of.canceled;
            ++of.completed;
            of.under_way.erase(place);
        }));
}

constexpr std::size_t at_once = 128; // half of them wait for a connection

asio::awaitable<void> blow(asio::io_context& context, sts::client client, std::uint64_t total, storm& of) {
    while (of.completed < total) {
        while (of.begun < total && of.under_way.size() < at_once)
            begin(client, context, of);
        auto const now = clock::now();
        for (auto one = of.under_way.begin(); one != of.under_way.end();) {
            auto& current = *one++; // its end may come at once
            if (current.at <= now) current.signal.emit(asio::cancellation_type::terminal);
        }
        co_await asio::post(context, asio::use_awaitable);
        tell("S5: " + std::to_string(of.completed) + " of " + std::to_string(total) + " ended");
    }
}

asio::awaitable<void> timed(sts::client client, std::vector<double>& took, std::uint64_t& failed) {
    auto const begun = clock::now();
    auto const got = co_await client.try_exchange(any_request());
    took.push_back(in_seconds(clock::now() - begun) * 1e6);
    if (got.has_error()) ++failed;
}

/// What a hundred exchanges in a row take, the shortest first.
std::vector<double> hundred(crew& all, sts::client const& client, std::uint64_t& failed) {
    std::vector<double> took;
    for (int i = 0; i < 100; ++i) {
        all.spawn(timed(client, took, failed));
        all.join();
    }
    std::sort(took.begin(), took.end());
    return took;
}

/// What an exchange takes among as many as the storm has.
clock::duration among_many(crew& all, sts::client const& client, std::uint64_t& failed) {
    std::vector<double> took;
    for (std::size_t i = 0; i < at_once; ++i)
        all.spawn(timed(client, took, failed));
    all.join();
    std::sort(took.begin(), took.end());
    return std::chrono::duration_cast<clock::duration>(
        std::chrono::duration<double, std::micro>(took[took.size() / 2]));
}

asio::awaitable<void> first(sts::client client, std::uint64_t& failed) {
    auto const got = co_await client.try_exchange(any_request());
    if (got.has_error()) ++failed;
}

asio::awaitable<void> get(sts::token_source source, std::uint64_t& tokens) {
    auto const token = co_await source.get();
    if (token != nullptr) ++tokens;
}

} // namespace

report cancel_storm(extent const& how_much) {
    auto const total = how_much.of<std::uint64_t>(5'000, 100'000);
    mock_process const mock(sts::testing::mock_answer::with(200, fixed_token));
    crew all;
    sts::client const client(all.context.get_executor(), mock.options());
    std::uint64_t failed = 0;
    among_many(all, client, failed); // opens what it needs
    auto const before = hundred(all, client, failed)[50];
    storm of;
    of.longest = 2 * among_many(all, client, failed);
    all.spawn(blow(all.context, client, total, of));
    all.join();
    auto const after = hundred(all, client, failed);
    auto const stats = client.stats();
    auto const enough = total / 20;
    return {
        {"S5", "each of " + shown(total) + " exchanges cancelled at random ends once",
         shown(of.completed) + " ended: " + shown(of.tokens) + " with a token, " + shown(of.canceled) +
             " canceled (" + shown(of.canceled_on_the_way) + " after sending), " + shown(of.otherwise) +
             " otherwise",
         of.completed == total && of.tokens + of.canceled == total && of.under_way.empty()},
        {"S5", "at least 5 % of each: with a token, canceled before sending, canceled after",
         shown(of.tokens) + ", " + shown(of.canceled - of.canceled_on_the_way) + ", " +
             shown(of.canceled_on_the_way),
         of.tokens >= enough && of.canceled - of.canceled_on_the_way >= enough &&
             of.canceled_on_the_way >= enough},
        {"S5", "the pool serves 100 concurrent exchanges afterwards as before",
         shown(failed) + " failed, median " + shown(after[50]) + " µs, slowest " + shown(after[99]) +
             " µs; before, median " + shown(before) + " µs",
         failed == 0 && after[50] < 3 * before && after[99] < 100'000},
        {"S5", "nothing is left in the pool",
         shown(std::uint64_t(stats.leased)) + " leased, " + shown(std::uint64_t(stats.waiting)) + " waiting",
         stats.leased == 0 && stats.waiting == 0},
    };
}

report cold_source(extent const&) {
    constexpr int rounds = 100, waiters = 10'000;
    sts::testing::mock_sts mock;
    crew all;
    auto const options = options_for(mock);
    sts::client const client(all.context.get_executor(), options);
    auto const request =
        sts::exchange_request(sts::subject_token(mock.id_token())).scope(sts::scope("roleassignments:1"));
    int once = 0, once_without_leader = 0, leaders_left = 0;
    std::uint64_t tokens = 0;
    for (int round = 0; round < rounds; ++round) {
        bool const leader_leaves = round % 2 != 0;
        auto const before = mock.requests();
        sts::token_source const source(client, request);
        asio::cancellation_signal leader;
        asio::co_spawn(all.context, get(source, tokens),
                       asio::bind_cancellation_slot(leader.slot(), [&](std::exception_ptr thrown) {
                           leaders_left += thrown ? 1 : 0;
                       }));
        for (int i = 1; i < waiters; ++i)
            all.spawn(get(source, tokens));
        if (leader_leaves) asio::post(all.context, [&] { leader.emit(asio::cancellation_type::terminal); });
        all.join();
        all.context.poll(); // the leader's end
        auto const made = mock.requests() - before;
        once += !leader_leaves && made == 1 ? 1 : 0;
        once_without_leader += leader_leaves && made == 1 ? 1 : 0;
        tell("S6: " + std::to_string(round + 1) + " of " + std::to_string(rounds) + " cold sources");
    }
    auto const wanted = static_cast<std::uint64_t>(rounds) * waiters - rounds / 2;
    return {
        {"S6", "10,000 waiters of a cold source cost one request, 50 times",
         shown(std::uint64_t(once)) + " times one", once == rounds / 2},
        {"S6", "the same when the leader is cancelled, 50 times",
         shown(std::uint64_t(once_without_leader)) + " times one", once_without_leader == rounds / 2},
        {"S6", "all others get the token, cancelled leaders do not",
         shown(tokens) + " of " + shown(wanted) + ", " + shown(std::uint64_t(leaders_left)) +
             " cancelled leaders",
         tokens == wanted && leaders_left == rounds / 2},
    };
}

report cold_start(extent const&) {
    constexpr int callers = 1000;
    sts::testing::mock_sts mock;
    mock.always(sts::testing::mock_answer::with(200, fixed_token));
    crew all;
    auto const options = options_for(mock);
    sts::client const client(all.context.get_executor(), options);
    std::uint64_t failed = 0;
    for (int i = 0; i < callers; ++i)
        all.spawn(first(client, failed));
    all.join();
    return {{"S10", "1,000 concurrent first calls take at most 64 handshakes",
             shown(std::uint64_t(mock.handshakes())) + " handshakes, " + shown(failed) + " failed",
             mock.handshakes() <= 64 && failed == 0}};
}

} // namespace soak
