// A token that is there already, beside what a program has otherwise. On two threads, too: there a mutex or
// the count of one shared pointer is fought over.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using token_ptr = std::shared_ptr<sts::token const>;

namespace {

/// A mock, and a source and a cache that have their tokens.
class world {
public:
    static world& get() {
        static world the;
        return the;
    }

    sts::token_source const& source() const { return source_; }
    sts::token_cache const& cache() const { return cache_; }
    std::vector<std::pair<sts::token_cache::key, sts::exchange_request>> const& keys() const { return keys_; }
    token_ptr token() const { return source_.peek(); }

private:
    world()
        : client_(context_.get_executor(), options()), source_(client_, request("1")),
          cache_(client_, many()) {
        service_.always(sts::testing::mock_answer::with(
            200, R"({"access_token":")" + std::string(700, 'x') +
                     R"(","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",)"
                     R"("token_type":"Bearer","expires_in":86400})"));
        for (unsigned i = 0; i < key_count; ++i) {
            auto wanted = request(std::to_string(i));
            auto const key = cache_.key_of(wanted);
            keys_.emplace_back(key, std::move(wanted));
        }
        int fillers = 64;
        for (int i = 0; i < 64; ++i)
            asio::co_spawn(context_, i == 0 ? fill_source() : fill(), [&](std::exception_ptr why) {
                if (why) std::rethrow_exception(why);
                if (--fillers == 0) context_.stop();
            });
        context_.run();
    }

    asio::awaitable<void> fill_source() { co_await source_.get(); }

    asio::awaitable<void> fill() {
        while (filled_ < keys_.size()) {
            auto const& [key, wanted] = keys_[filled_++];
            co_await cache_.get(key, wanted);
        }
    }

    sts::client_options options() const {
        sts::client_options made;
        made.endpoint = sts::endpoint(service_.url());
        made.tls.ca_pem = service_.ca_pem();
        return made;
    }
    sts::exchange_request request(std::string const& organisation) const {
        return sts::exchange_request(sts::subject_token(std::string(1200, 'x')))
            .scope(sts::scope::role_assignments(organisation));
    }
    static sts::cache_options many() {
        sts::cache_options made;
        made.max_keys = key_count;
        return made;
    }

    static constexpr unsigned key_count = 100'000;

    sts::testing::mock_sts service_;
    asio::io_context context_;
    sts::client client_;
    sts::token_source source_;
    sts::token_cache cache_;
    std::vector<std::pair<sts::token_cache::key, sts::exchange_request>> keys_;
    std::size_t filled_ = 0;
};

/// The peers.
class guarded_by_mutex {
public:
    token_ptr peek() const {
        std::scoped_lock const lock(mutex_);
        return held_;
    }
    asio::awaitable<token_ptr> get() const { co_return peek(); }

    static guarded_by_mutex& the() {
        static guarded_by_mutex one;
        return one;
    }

private:
    mutable std::mutex mutex_;
    token_ptr held_ = world::get().token();
};

class guarded_by_atomic {
public:
    token_ptr peek() const { return held_.load(std::memory_order_acquire); }

    static guarded_by_atomic& the() {
        static guarded_by_atomic one;
        return one;
    }

private:
    std::atomic<token_ptr> held_{world::get().token()};
};

template <class Source>
void peek_at(benchmark::State& state, Source const& source) {
    for (auto _ : state) {
        auto token = source.peek();
        benchmark::DoNotOptimize(token);
    }
}

template <class Source>
asio::awaitable<void> get_from(benchmark::State& state, Source const& source) {
    for (auto _ : state) {
        auto token = co_await source.get();
        benchmark::DoNotOptimize(token);
    }
}

void in_a_coroutine(asio::awaitable<void> work) {
    asio::io_context context(1);
    asio::co_spawn(context, std::move(work), asio::detached);
    context.run();
}

void peek(benchmark::State& state) {
    peek_at(state, world::get().source());
}
void peek_mutex(benchmark::State& state) {
    peek_at(state, guarded_by_mutex::the());
}
void peek_atomic(benchmark::State& state) {
    peek_at(state, guarded_by_atomic::the());
}
void get(benchmark::State& state) {
    in_a_coroutine(get_from(state, world::get().source()));
}
void get_mutex(benchmark::State& state) {
    in_a_coroutine(get_from(state, guarded_by_mutex::the()));
}
BENCHMARK(peek)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(peek_mutex)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(peek_atomic)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(get)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(get_mutex)->Threads(1)->Threads(2)->UseRealTime();

asio::awaitable<int> ready() {
    co_return 1;
}
asio::awaitable<void> await_ready_ones(benchmark::State& state) {
    for (auto _ : state) {
        auto one = co_await ready();
        benchmark::DoNotOptimize(one);
    }
}
void await_of_a_ready_one(benchmark::State& state) {
    in_a_coroutine(await_ready_ones(state));
}
BENCHMARK(await_of_a_ready_one);

/// Any of so many keys.
std::size_t next_key(std::uint64_t& random, std::int64_t of) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((random >> 33) % static_cast<std::uint64_t>(of));
}

void cache_peek(benchmark::State& state) {
    auto const& all = world::get();
    std::uint64_t random = 1;
    for (auto _ : state) {
        auto token = all.cache().peek(all.keys()[next_key(random, state.range(0))].first);
        benchmark::DoNotOptimize(token);
    }
}
BENCHMARK(cache_peek)->Arg(1)->Arg(1000)->Arg(100'000);

asio::awaitable<void> get_from_cache(benchmark::State& state) {
    auto const& all = world::get();
    std::uint64_t random = 1;
    for (auto _ : state) {
        auto const& [key, request] = all.keys()[next_key(random, state.range(0))];
        auto token = co_await all.cache().get(key, request);
        benchmark::DoNotOptimize(token);
    }
}
void cache_get(benchmark::State& state) {
    in_a_coroutine(get_from_cache(state));
}
BENCHMARK(cache_get)->Arg(1)->Arg(1000)->Arg(100'000);

} // namespace
