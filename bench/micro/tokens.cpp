// A token that is there already, beside what a program has otherwise. On two threads, too: there a mutex or
// the count of one shared pointer is fought over.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/memory_store.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using token_ptr = std::shared_ptr<sts::token const>;

namespace {

/// A mock, and two sources, one of them with a token store, and a cache that have their tokens.
class world {
public:
    static world& get() {
        static world the;
        return the;
    }

    sts::token_source const& source() const { return source_; }
    sts::token_source const& sharing_source() const { return sharing_source_; }
    sts::token_cache const& cache() const { return cache_; }
    std::vector<std::pair<sts::token_cache::key, sts::exchange_request>> const& keys() const { return keys_; }
    token_ptr token() const { return source_.peek(); }

    /// The memory that the cache takes for a key, beside the token and the request, in bytes.
    double bytes_of_a_key() const { return bytes_of_a_key_; }

private:
    world()
        : client_(context_.get_executor(), options()), source_(client_, request("1")),
          sharing_source_(client_, request("1"), sharing()), cache_(client_, many()) {
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
            asio::co_spawn(context_, i == 0 ? fill_sources() : fill(), [&](std::exception_ptr why) {
                if (why) std::rethrow_exception(why);
                if (--fillers == 0) context_.stop();
            });
        context_.run();
        bytes_of_a_key_ = static_cast<double>(allocated() - allocated_at_first_) / (key_count - first_keys) -
                          static_cast<double>(bytes_of(*token()));
    }

    static std::size_t allocated() noexcept { return ::mallinfo2().uordblks; }
    /// The mean of many: the allocator's own stock would hide some of one.
    static std::size_t bytes_of(sts::token const& what) {
        constexpr std::size_t copies = 10'000;
        std::vector<token_ptr> kept(copies);
        auto const before = allocated();
        for (auto& one : kept) {
            auto copy = what;
            copy.set_access_token(what.access_token.reveal()); // not shared with the other
            one = std::make_shared<sts::token const>(std::move(copy));
        }
        return (allocated() - before) / copies;
    }

    asio::awaitable<void> fill_sources() {
        co_await source_.get();
        co_await sharing_source_.get();
    }

    asio::awaitable<void> fill() {
        while (filled_ < keys_.size()) {
            if (filled_ == first_keys) allocated_at_first_ = allocated();
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
    static sts::refresh_options sharing() {
        sts::refresh_options made;
        made.sharing.store = std::make_shared<sts::testing::memory_store>();
        made.sharing.keys = {sts::secret(std::string(64, 'k'))};
        return made;
    }
    static sts::cache_options many() {
        sts::cache_options made;
        made.max_keys = key_count;
        return made;
    }

    static constexpr unsigned key_count = 100'000;
    static constexpr unsigned first_keys = 30'000; ///< until the mock has all requests that it remembers

    sts::testing::mock_sts service_;
    asio::io_context context_;
    sts::client client_;
    sts::token_source source_;
    sts::token_source sharing_source_;
    sts::token_cache cache_;
    std::vector<std::pair<sts::token_cache::key, sts::exchange_request>> keys_;
    std::size_t filled_ = 0;
    std::size_t allocated_at_first_ = 0;
    double bytes_of_a_key_ = 0;
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
void peek_sharing(benchmark::State& state) {
    peek_at(state, world::get().sharing_source());
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
void get_sharing(benchmark::State& state) {
    in_a_coroutine(get_from(state, world::get().sharing_source()));
}
void get_mutex(benchmark::State& state) {
    in_a_coroutine(get_from(state, guarded_by_mutex::the()));
}
/// As many as can run at once.
int const most_threads = static_cast<int>(std::max(2U, std::thread::hardware_concurrency()));

BENCHMARK(peek)->ThreadRange(1, most_threads)->UseRealTime();
BENCHMARK(peek_sharing)->ThreadRange(1, most_threads)->UseRealTime();
BENCHMARK(peek_mutex)->ThreadRange(1, most_threads)->UseRealTime();
BENCHMARK(peek_atomic)->ThreadRange(1, most_threads)->UseRealTime();
BENCHMARK(get)->ThreadRange(1, most_threads)->UseRealTime();
BENCHMARK(get_sharing)->ThreadRange(1, most_threads)->UseRealTime();
BENCHMARK(get_mutex)->ThreadRange(1, most_threads)->UseRealTime();

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
    std::uint64_t random = static_cast<std::uint64_t>(state.thread_index()) + 1;
    for (auto _ : state) {
        auto token = all.cache().peek(all.keys()[next_key(random, state.range(0))].first);
        benchmark::DoNotOptimize(token);
    }
    if (state.thread_index() == 0) state.counters["bytes_of_a_key"] = all.bytes_of_a_key();
}
BENCHMARK(cache_peek)->Arg(1)->Arg(1000)->Arg(100'000)->ThreadRange(1, most_threads)->UseRealTime();

/// What a program has otherwise: a map, and a list in the order of use, under a mutex.
class least_recently_used {
public:
    using key = std::array<std::uint64_t, 2>;

    token_ptr find(key const& of) {
        std::scoped_lock const lock(mutex_);
        auto const at = places_.find(of);
        if (at == places_.end()) return nullptr;
        order_.splice(order_.end(), order_, at->second);
        return at->second->second;
    }
    void add(key const& of, token_ptr token) {
        places_[of] = order_.insert(order_.end(), {of, std::move(token)});
    }

private:
    using order = std::list<std::pair<key, token_ptr>>;
    struct hash {
        std::size_t operator()(key const& of) const noexcept { return of[0]; }
    };
    std::mutex mutex_;
    order order_;
    std::unordered_map<key, order::iterator, hash> places_;
};

/// The same in so many parts.
template <std::size_t Parts>
class in_parts {
public:
    static in_parts& the() {
        static in_parts one;
        return one;
    }
    token_ptr find(std::size_t number) {
        auto const key = key_of(number);
        return parts_[key[1] % Parts].find(key);
    }

private:
    in_parts() {
        auto const& token = *world::get().token();
        for (std::size_t i = 0; i < world::get().keys().size(); ++i) {
            auto const key = key_of(i);
            parts_[key[1] % Parts].add(key, std::make_shared<sts::token const>(token));
        }
    }
    static least_recently_used::key key_of(std::size_t number) noexcept {
        auto const mixed = (number + 1) * 0x9e3779b97f4a7c15U;
        return {mixed ^ mixed >> 29, mixed >> 32};
    }

    std::array<least_recently_used, Parts> parts_;
};

template <std::size_t Parts>
void find_in_parts(benchmark::State& state) {
    auto& all = in_parts<Parts>::the();
    std::uint64_t random = static_cast<std::uint64_t>(state.thread_index()) + 1;
    for (auto _ : state) {
        auto token = all.find(next_key(random, state.range(0)));
        benchmark::DoNotOptimize(token);
    }
}
void cache_mutex(benchmark::State& state) {
    find_in_parts<1>(state);
}
void cache_mutexes(benchmark::State& state) {
    find_in_parts<16>(state);
}
BENCHMARK(cache_mutex)->Arg(1)->Arg(1000)->Arg(100'000)->ThreadRange(1, most_threads)->UseRealTime();
BENCHMARK(cache_mutexes)->Arg(1)->Arg(1000)->Arg(100'000)->ThreadRange(1, most_threads)->UseRealTime();

asio::awaitable<void> get_from_cache(benchmark::State& state) {
    auto const& all = world::get();
    std::uint64_t random = static_cast<std::uint64_t>(state.thread_index()) + 1;
    for (auto _ : state) {
        auto const& [key, request] = all.keys()[next_key(random, state.range(0))];
        auto token = co_await all.cache().get(key, request);
        benchmark::DoNotOptimize(token);
    }
}
void cache_get(benchmark::State& state) {
    in_a_coroutine(get_from_cache(state));
}
BENCHMARK(cache_get)->Arg(1)->Arg(1000)->Arg(100'000)->ThreadRange(1, most_threads)->UseRealTime();

} // namespace
