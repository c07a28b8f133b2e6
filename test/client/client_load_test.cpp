// Many exchanges, many threads: nothing is lost and nothing is mixed up.
#include "support/service.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace test;

namespace {

std::string scope_in(sts::testing::mock_sts const& mock, sts::token const& token) {
    auto const claims = mock.claims(token.access_token.reveal());
    return claims ? std::string(boost::json::parse(*claims).at("scope").as_string()) : "forged";
}

struct tally {
    std::vector<std::string> tokens;
    int wrong = 0;
    int failed = 0;
};

/// One of several loops that share the numbers up to `last`; each number is the scope of one exchange.
asio::awaitable<void> loop(sts::client client, sts::testing::mock_sts const& mock, std::string id_token,
                           int& next, int last, tally& count) {
    while (next < last) {
        auto const scope = "roleassignments:" + std::to_string(next++);
        auto request = sts::exchange_request(sts::subject_token(id_token)).scope(sts::scope(scope));
        auto const got = co_await client.try_exchange(std::move(request));
        if (got.has_error()) {
            ++count.failed;
            continue;
        }
        count.tokens.emplace_back(got->access_token.reveal());
        if (scope_in(mock, *got) != scope) ++count.wrong;
    }
}

void run_on_threads(asio::io_context& context, int count) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] { context.run(); });
    for (auto& thread : threads)
        thread.join();
}

/// Eight loops of exchanges on a context that so many threads run.
void check_threads(int threads) {
    service one;
    auto options = one.options();
    options.pool.max_connections = 4;
    auto const client = one.client(options);
    auto const id_token = one.mock.id_token();
    constexpr int strands = 8, each = 100;
    std::vector<tally> counts(strands);
    std::vector<int> next(strands, 0);
    std::atomic<int> left = strands, thrown = 0;
    for (std::size_t i = 0; i < strands; ++i) {
        next[i] = static_cast<int>(i) * each;
        asio::co_spawn(asio::make_strand(one.context),
                       loop(client, one.mock, id_token, next[i], next[i] + each, counts[i]),
                       [&, client](std::exception_ptr failed) {
                           if (failed) ++thrown; // Boost.Test's own checks are not thread-safe
                           if (--left == 0) client.close();
                       });
    }
    run_on_threads(one.context, threads);
    BOOST_TEST(thrown == 0);
    std::size_t tokens = 0;
    for (auto const& count : counts) {
        tokens += count.tokens.size();
        BOOST_TEST(count.wrong == 0);
        BOOST_TEST(count.failed == 0);
    }
    BOOST_TEST(tokens == strands * each);
    BOOST_TEST(one.mock.connections() <= 4U);
}

/// Exchanges that are cancelled, each at a moment between its begin and `longest`.
class cancel_storm {
public:
    cancel_storm(asio::io_context& context, sts::client client, sts::exchange_request request)
        : context_(context), client_(std::move(client)), request_(std::move(request)) {}

    /// So many at once; returns when all have ended. With a `longest` of 0 none is cancelled.
    void blow(int count, std::chrono::microseconds longest) {
        auto const until = completed + count;
        for (int i = 0; i < count; ++i)
            begin(longest * static_cast<int>(random_() % 1000) / 1000);
        for (int seen = completed; seen != until; seen = completed)
            completed.wait(seen);
    }

    std::atomic<int> completed = 0, tokens = 0, canceled = 0;

private:
    /// A coroutine and its cancellation share a strand, as Asio asks for.
    void begin(std::chrono::microseconds moment) {
        auto const strand = asio::make_strand(context_);
        auto const signal = std::make_shared<asio::cancellation_signal>();
        auto const timer = std::make_shared<asio::steady_timer>(strand);
        asio::post(strand, [this, strand, signal, timer, moment] {
            if (moment.count() != 0) {
                timer->expires_after(moment);
                timer->async_wait([signal](auto ec) {
                    if (!ec) signal->emit(asio::cancellation_type::terminal);
                });
            }
            asio::co_spawn(strand, client_.try_exchange(request_),
                           asio::bind_cancellation_slot(
                               signal->slot(),
                               asio::bind_executor(strand, [this, signal, timer](std::exception_ptr thrown,
                                                                                 outcome const& got) {
                                   timer->cancel();
                                   ++(thrown || got.has_error() ? canceled : tokens);
                                   ++completed;
                                   completed.notify_one();
                               })));
        });
    }

    asio::io_context& context_;
    sts::client client_;
    sts::exchange_request request_;
    std::minstd_rand random_{7}; // NOLINT: the same run each time
};

} // namespace

BOOST_AUTO_TEST_SUITE(load)

BOOST_AUTO_TEST_CASE(ten_thousand_exchanges_over_eight_connections_are_each_answered_by_their_own_token) {
    constexpr int total = 10'000;
    service one;
    auto options = one.options();
    options.pool.max_connections = 8;
    auto const client = one.client(options);
    auto const id_token = one.mock.id_token();
    tally count;
    int next = 0;
    for (int i = 0; i < 100; ++i)
        asio::co_spawn(one.context, loop(client, one.mock, id_token, next, total, count), asio::detached);
    run_until(one.context,
              [&] { return count.tokens.size() + static_cast<std::size_t>(count.failed) == total; });
    BOOST_TEST(count.failed == 0);
    BOOST_TEST(count.wrong == 0);
    BOOST_TEST(one.mock.handshakes() == 8U);
    BOOST_TEST(one.mock.requests() == static_cast<std::size_t>(total));
    std::set<std::string> const distinct(count.tokens.begin(), count.tokens.end());
    BOOST_TEST(distinct.size() == static_cast<std::size_t>(total));
}

BOOST_AUTO_TEST_CASE(F13_a_context_of_two_or_four_threads_is_as_good_as_one) {
    for (int const threads : {2, 4})
        check_threads(threads);
}

BOOST_AUTO_TEST_CASE(one_client_serves_several_contexts) {
    service one;
    auto const client = one.client();
    auto const id_token = one.mock.id_token();
    auto work = asio::make_work_guard(one.context);
    std::thread home([&] { one.context.run(); });
    constexpr int contexts = 3, each = 100;
    std::vector<tally> counts(contexts);
    std::vector<std::thread> threads;
    for (auto& count : counts)
        threads.emplace_back([&] {
            asio::io_context own;
            int next = 0;
            asio::co_spawn(own, loop(client, one.mock, id_token, next, each, count), asio::detached);
            own.run();
        });
    for (auto& thread : threads)
        thread.join();
    client.close();
    work.reset();
    home.join();
    for (auto const& count : counts) {
        BOOST_TEST(count.tokens.size() == each);
        BOOST_TEST(count.wrong == 0);
    }
}

BOOST_AUTO_TEST_CASE(without_locks_one_thread_works_as_well) {
    service one;
    auto options = one.options();
    options.thread_safe = false;
    auto const client = one.client(options);
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(one.exchange(client).has_value());
}

BOOST_AUTO_TEST_CASE(F8_every_exchange_cancelled_at_a_random_moment_completes_once_on_two_and_four_threads) {
    // As many as the environment asks for: by default what every run can afford.
    auto const* const asked_for = std::getenv("EQUINIX_STS_CANCELLATIONS"); // NOLINT(concurrency-mt-unsafe)
    int const total = asked_for != nullptr ? std::atoi(asked_for) : 5000;
    constexpr int at_once = 50;
    for (int const thread_count : {2, 4}) {
        service one;
        auto options = one.options();
        options.pool.max_connections = 4;
        auto const client = one.client(options);
        auto work = asio::make_work_guard(one.context);
        std::vector<std::thread> threads;
        for (int i = 0; i < thread_count; ++i)
            threads.emplace_back([&] { one.context.run(); });

        cancel_storm storm(one.context, client, one.request());
        storm.blow(at_once, {});
        BOOST_TEST(storm.tokens == at_once);
        // So that about a third gets its token before: those that are cancelled cost the others a handshake.
        std::chrono::microseconds longest(1000);
        for (int i = 0; i < total / at_once; ++i) {
            auto const before = storm.tokens.load();
            storm.blow(at_once, longest);
            longest = storm.tokens - before > at_once / 3 ? longest * 9 / 10 : longest * 11 / 10;
        }
        BOOST_TEST(storm.completed == total + at_once);
        BOOST_TEST(storm.tokens + storm.canceled == total + at_once);
        BOOST_TEST(storm.tokens > total / 20);
        BOOST_TEST(storm.canceled > total / 20);
        // And afterwards the client is as good as new.
        auto const tokens = storm.tokens.load();
        storm.blow(100, {});
        BOOST_TEST(storm.tokens == tokens + 100);
        BOOST_TEST(client.stats().leased == 0U);
        BOOST_TEST(client.stats().waiting == 0U);
        client.close();
        work.reset();
        for (auto& thread : threads)
            thread.join();
    }
}

BOOST_AUTO_TEST_SUITE_END()
