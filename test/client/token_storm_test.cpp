// Token sources and caches under attack: callers that come, leave and run out of time at random, on many
// threads and on contexts that are not the client's.
#include "support/descriptors.hpp"
#include "support/token_source.hpp"

#include <equinix/sts/token_cache.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
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

/// A context that some threads run.
class running_context {
public:
    explicit running_context(unsigned threads) {
        for (unsigned i = 0; i < threads; ++i)
            threads_.emplace_back([this] { context.run(); });
    }
    running_context(running_context const&) = delete;
    running_context& operator=(running_context const&) = delete;
    ~running_context() { end(); }

    /// Returns when there is nothing left to run.
    void end() {
        work_.reset();
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }

    asio::io_context context;

private:
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context);
    std::vector<std::thread> threads_;
};

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

/// Tokens that live for 20 ms, whatever the service says.
sts::refresh_options short_lives() {
    sts::refresh_options options;
    options.max_lifetime = 20ms;
    return options;
}

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

struct many_keys {
    std::vector<sts::exchange_request> requests;
    std::vector<sts::token_cache::key> keys;
    sts::testing::mock_sts const& mock;
};

asio::awaitable<void> hammer_keys(sts::token_cache tokens, many_keys const& of, unsigned seed,
                                  std::atomic<bool> const& enough, std::atomic<int>& wrong) {
    std::minstd_rand random(seed + 1);
    while (!enough) {
        auto const at = random() % of.keys.size();
        auto const& key = of.keys[at];
        auto const got = co_await tokens.try_get(key, of.requests[at]);
        if (got.has_error()) {
            if (got.error().kind != error_kind::limit) ++wrong;
        } else if (random() % 16 == 0) {
            auto const claims = of.mock.claims((*got)->access_token.reveal());
            auto const scope = "roleassignments:" + std::to_string(at);
            if (!claims || boost::json::parse(*claims).at("scope").as_string() != scope) ++wrong;
            tokens.invalidate(key, **got);
        }
        auto const seen = tokens.peek(of.keys[random() % of.keys.size()]);
        if (random() % 16 == 0) tokens.erase(of.keys[random() % of.keys.size()]);
        if (random() % 64 == 0 && tokens.stats().keys > 20) ++wrong;
        auto const executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }
}

/// Has something done when nobody holds it any more.
struct last_will final : sts::subject_token_supplier {
    last_will(std::string text, std::function<void()> what) : token(std::move(text)), will(std::move(what)) {}
    ~last_will() override { will(); }

    asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
        co_return sts::subject_token(token);
    }
    std::string describe() const override { return "a test"; }

    std::string const token;
    std::function<void()> const will;
};

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

BOOST_AUTO_TEST_CASE(J10_fifty_keys_in_a_cache_of_twenty_from_four_threads) {
    running_context home(2);
    sts::client const used(home.context.get_executor(), one_attempt());
    sts::cache_options options;
    options.max_keys = 20;
    options.max_in_flight = 4;
    options.refresh = short_lives();
    sts::token_cache const tokens(used, options);
    many_keys of{{}, {}, mock};
    for (int i = 0; i < 50; ++i) {
        of.requests.push_back(sts::exchange_request(sts::subject_token(mock.id_token()))
                                  .scope(sts::scope("roleassignments:" + std::to_string(i))));
        of.keys.push_back(tokens.key_of(of.requests.back()));
    }
    std::atomic<bool> enough = false;
    std::atomic<int> wrong = 0;
    {
        std::deque<running_context> abroad;
        for (unsigned i = 0; i < 4; ++i) {
            abroad.emplace_back(1);
            for (unsigned n = 0; n < 8; ++n)
                asio::co_spawn(abroad.back().context, hammer_keys(tokens, of, i * 8 + n, enough, wrong),
                               asio::detached);
        }
        BOOST_TEST(eventually([&] { return tokens.stats().tokens.refreshed >= 500; }));
        enough = true;
    }
    BOOST_TEST(wrong == 0);
    BOOST_TEST(eventually([&] { return tokens.stats().tokens.in_flight == 0; }));
    auto const stats = tokens.stats();
    BOOST_TEST(stats.tokens.waiting == 0U);
    BOOST_TEST(stats.keys <= 20U);
    BOOST_TEST(stats.evicted > 0U);
    tokens.close();
    used.close();
    home.end();
}

BOOST_AUTO_TEST_CASE(a_supplier_that_goes_with_its_key_may_call_the_cache) {
    sts::cache_options options;
    options.max_keys = 1;
    sts::token_cache const tokens(client(), options);
    int called = 0;
    auto const will = [&] {
        BOOST_TEST(tokens.stats().keys <= 1U);
        ++called;
    };
    auto const use = [&] {
        sts::exchange_request const request =
            sts::exchange_request(std::make_shared<last_will>(mock.id_token(), will))
                .scope(sts::scope("a:1"));
        waiting one(context, [&] { return tokens.try_get(request); });
        BOOST_TEST(one.wait().has_value());
        return tokens.key_of(request);
    };
    use();
    context.restart();
    context.poll();
    BOOST_TEST(called == 0);
    auto const key = use();
    context.restart();
    context.poll();
    BOOST_TEST(called == 1);
    tokens.erase(key);
    BOOST_TEST(called == 2);
    tokens.close();
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
