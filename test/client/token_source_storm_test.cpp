// Token sources under attack: callers that come, leave and run out of time at random, on many threads and on
// contexts that are not the client's.
#include "client/token_storm.hpp"
#include "support/descriptors.hpp"
#include "support/token_source.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <future>
#include <random>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

/// Waits for the last of many to end.
struct tally {
    explicit tally(int count) : left(count) {}
    void end_one() {
        if (--left == 0) all.set_value();
    }
    void wait() { all.get_future().wait(); }

    std::atomic<int> left;
    std::promise<void> all;
};

/// One caller, on a strand of its own.
struct caller : std::enable_shared_from_this<caller> {
    caller(asio::io_context& on, nanoseconds at_most) : strand(asio::make_strand(on)), patience(at_most) {}

    void begin(sts::token_source const& tokens, tally& count) {
        asio::co_spawn(strand, run(tokens, shared_from_this()),
                       asio::bind_cancellation_slot(signal.slot(), [self = shared_from_this(), &count](
                                                                       std::exception_ptr const& thrown) {
                           self->has_thrown = thrown != nullptr;
                           ++self->endings;
                           self->over = true;
                           count.end_one();
                       }));
    }

    /// From any thread.
    void cancel() {
        canceled = true;
        asio::post(strand, [self = shared_from_this()] {
            if (self->over) return;
            if (self->begun)
                self->signal.emit(asio::cancellation_type::terminal);
            else
                self->cancel(); // Asio 1.81 cannot end a coroutine before its first step
        });
    }

    static asio::awaitable<void> run(sts::token_source tokens, std::shared_ptr<caller> self) {
        self->begun = true;
        co_await asio::this_coro::throw_if_cancelled(false);
        auto got = co_await tokens.try_get(self->patience);
        self->outcomes.push_back(std::move(got));
    }

    asio::strand<asio::io_context::executor_type> strand;
    nanoseconds const patience;
    asio::cancellation_signal signal;
    bool begun = false, over = false, has_thrown = false; // on the strand
    std::atomic<bool> canceled = false;
    int endings = 0;
    std::vector<token_outcome> outcomes;
};

struct storm : service {
    /// Two hundred callers of one source, of whom some leave, some have no time and some stay. Returns what
    /// is wrong.
    std::string round(unsigned seed, sts::client const& used, asio::io_context& home,
                      asio::io_context& abroad) {
        std::minstd_rand random(seed + 1);
        auto const one_in = [&](unsigned n) { return random() % n == 0; };
        mock.next(mock_answer::genuine().delay(std::chrono::milliseconds(random() % 4)));
        sts::token_source const tokens(used, request());
        bool const closes = one_in(5);
        unsigned const leave = 1 + random() % 4; // one of so many
        std::vector<std::shared_ptr<caller>> callers;
        tally count(200);
        for (int i = 0; i < 200; ++i) {
            bool const hasty = one_in(4);
            callers.push_back(std::make_shared<caller>(one_in(2) ? home : abroad,
                                                       hasty ? std::chrono::microseconds(random() % 4000)
                                                             : nanoseconds(30s)));
        }
        // Three threads begin, cancel and close at the same time.
        std::thread begins([&] {
            for (auto const& one : callers)
                one->begin(tokens, count);
        });
        std::thread cancels([&, seed] {
            std::minstd_rand own(seed + 7);
            for (auto const& one : callers)
                if (own() % leave == 0) one->cancel();
        });
        if (closes) {
            for (unsigned spin = random() % 2000; spin != 0; --spin)
                std::this_thread::yield();
            tokens.close();
        }
        begins.join();
        cancels.join();
        count.wait();
        if (!eventually([&] { return tokens.stats().in_flight == 0; })) return "a flight is left";
        auto const stats = tokens.stats();
        if (stats.waiting != 0) return "somebody waits";
        fetches += stats.fetches;
        if (mock.requests() > fetches) return "more requests than flights";
        for (auto const& one : callers) {
            if (one->endings != 1) return "ended more than once";
            if (one->has_thrown || one->outcomes.size() != 1) return "ended without an outcome";
            auto const& got = one->outcomes.front();
            if (got.has_value() && *got == nullptr) return "no token";
            if (got.has_value()) continue;
            auto const kind = got.error().kind;
            bool const of_its_own = (kind == error_kind::canceled && (one->canceled || closes)) ||
                                    (kind == error_kind::timeout && one->patience < 1s);
            if (!of_its_own) return "ended by another's end: " + got.error().message;
        }
        return "";
    }

    std::uint64_t fetches = 0; // of all rounds: a request that was given up may come late
};

/// Takes, looks at and rejects tokens until enough have come.
asio::awaitable<void> hammer(sts::token_source tokens, std::atomic<bool> const& enough,
                             std::atomic<int>& wrong) {
    for (unsigned i = 0; !enough; ++i) {
        auto const got = co_await tokens.try_get();
        if (got.has_error()) {
            ++wrong;
            continue;
        }
        auto const seen = tokens.peek();
        if (i % 64 == 0) tokens.invalidate(**got);
        if (i % 256 == 0 && tokens.stats().in_flight > 2) ++wrong;
        if (i % 8 == 0) {
            auto const executor = co_await asio::this_coro::executor;
            co_await asio::post(executor, asio::use_awaitable);
        }
    }
}

struct counted_frame {
    explicit counted_frame(int& count) : alive(count) { ++alive; }
    counted_frame(counted_frame const&) = delete;
    counted_frame& operator=(counted_frame const&) = delete;
    ~counted_frame() { --alive; }
    int& alive;
};

asio::awaitable<void> wait_forever(sts::token_source tokens, int& frames) {
    counted_frame const alive(frames);
    for (;;)
        auto const got = co_await tokens.try_get();
}

asio::awaitable<void> wait_for_the_end(sts::token_source tokens, int& frames) {
    counted_frame const alive(frames);
    co_await tokens.shutdown();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_storm, storm)

BOOST_AUTO_TEST_CASE(F8_F13_callers_leave_and_run_out_of_time_at_random_and_each_ends_once) {
    for (unsigned const threads : {1U, 4U}) {
        running_context home(threads), abroad(2);
        sts::client const used(home.context.get_executor(), one_attempt());
        for (unsigned seed = 0; seed < 100; ++seed) {
            auto const wrong = round(seed, used, home.context, abroad.context);
            BOOST_REQUIRE_MESSAGE(wrong.empty(), threads << " threads, round " << seed << ": " << wrong);
        }
        BOOST_TEST(eventually([&] { return used.stats().leased + used.stats().waiting == 0; }));
        used.close();
        abroad.end();
        home.end(); // returns: nothing is left to do
    }
}

BOOST_AUTO_TEST_CASE(J6_tokens_of_20_ms_are_taken_and_rejected_by_four_threads) {
    running_context home(2);
    sts::client const used(home.context.get_executor(), one_attempt());
    sts::token_source const tokens(used, request(), short_lives());
    std::atomic<bool> enough = false;
    std::atomic<int> wrong = 0;
    {
        std::deque<running_context> abroad;
        for (int i = 0; i < 4; ++i) {
            abroad.emplace_back(1);
            for (int n = 0; n < 4; ++n)
                asio::co_spawn(abroad.back().context, hammer(tokens, enough, wrong), asio::detached);
        }
        BOOST_TEST(eventually([&] { return tokens.stats().refreshed >= 60; }));
        enough = true;
    }
    BOOST_TEST(wrong == 0);
    BOOST_TEST(tokens.stats().fetches >= mock.requests());
    BOOST_TEST(tokens.stats().failed == 0U);
    tokens.close();
    used.close();
    home.end();
    BOOST_TEST(tokens.stats().in_flight == 0U);
}

BOOST_AUTO_TEST_CASE(J11_F12_a_context_that_is_destroyed_at_any_moment_leaves_nothing) {
    mock.always(mock_answer::genuine());
    {
        asio::io_context const first;
    }
    int frames = 0;
    int wills = 0;
    auto const descriptors = open_descriptors();
    for (bool const handles_first : {false, true})
        for (int steps = 0; steps < 60; ++steps) {
            auto const supplier = std::make_shared<last_will>(mock.id_token(), [&] { ++wills; });
            std::optional<asio::io_context> gone(std::in_place);
            std::optional<sts::client> used(std::in_place, gone->get_executor(), one_attempt());
            std::optional<sts::token_source> tokens(std::in_place, *used,
                                                    sts::exchange_request(supplier).scope(sts::scope("a:1")),
                                                    short_lives());
            for (int i = 0; i < 5; ++i)
                asio::co_spawn(*gone, wait_forever(*tokens, frames), asio::detached);
            for (int i = 0; i < steps; ++i)
                gone->run_one();
            if (steps % 3 == 0) asio::co_spawn(*gone, wait_for_the_end(*tokens, frames), asio::detached);
            if (steps % 3 == 0) gone->poll_one();
            if (handles_first) {
                tokens.reset();
                used.reset();
            }
            gone.reset();
            BOOST_REQUIRE(frames == 0);
            tokens.reset();
            used.reset();
            BOOST_REQUIRE(supplier.use_count() == 1);
        }
    BOOST_TEST(wills == 120);
    BOOST_TEST(eventually([&] { return open_descriptors() <= descriptors; }));
}

BOOST_AUTO_TEST_SUITE_END()
