// What a token costs that is there already: `peek()` and `co_await get()` of a token source, on one thread
// and on two at once, beside what a program has otherwise: a mutex around a shared pointer, without a look at
// any clock. The source's figures include the check of both clocks. Rounds are interleaved; medians are told,
// and the allocations of all rounds together. Build it in the release preset.
//
//   bench_token_hit [hits a round, default 2000000] [rounds, default 9]
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iomanip>
#include <iostream>
#include <latch>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using token_ptr = std::shared_ptr<sts::token const>;

namespace {

std::atomic<std::uint64_t> allocations = 0;

void* counted(void* made) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (made == nullptr) throw std::bad_alloc();
    return made;
}

} // namespace

void* operator new(std::size_t size) {
    return counted(std::malloc(size));
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
/// Asio takes coroutine frames from here.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) {
    void* made = nullptr;
    if (::posix_memalign(&made, alignment, size) != 0) return nullptr;
    return counted(made);
}

namespace {

/// The peer.
class guarded_token {
public:
    explicit guarded_token(token_ptr held) : held_(std::move(held)) {}

    token_ptr peek() const {
        std::scoped_lock const lock(mutex_);
        return held_;
    }
    asio::awaitable<token_ptr> get() const { co_return peek(); }

private:
    mutable std::mutex mutex_;
    token_ptr held_;
};

template <class Source>
void peek_often(Source const& source, int hits) {
    for (int i = 0; i < hits; ++i)
        if (!source.peek()) std::abort();
}

template <class Source>
asio::awaitable<void> get_often(Source const& source, int hits) {
    for (int i = 0; i < hits; ++i) {
        auto const got = co_await source.get();
        if (!got) std::abort();
    }
}

template <class Source>
void await_often(Source const& source, int hits) {
    asio::io_context context(1);
    asio::co_spawn(context, get_often(source, hits), asio::detached);
    context.run();
}

/// Nanoseconds a hit, of the slowest thread.
double measure(std::function<void()> const& work, int hits, int threads) {
    std::latch start(threads);
    std::vector<double> times(static_cast<std::size_t>(threads));
    std::vector<std::thread> all;
    for (auto& time : times)
        all.emplace_back([&] {
            start.arrive_and_wait();
            auto const begin = std::chrono::steady_clock::now();
            work();
            time = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
        });
    for (auto& one : all)
        one.join();
    return *std::max_element(times.begin(), times.end()) / hits;
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
    int const hits = argc > 1 ? std::atoi(argv[1]) : 2'000'000;
    int const rounds = argc > 2 ? std::atoi(argv[2]) : 9;

    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.ca_pem = service.ca_pem();
    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    sts::token_source const source(client, sts::exchange_request(sts::subject_token(service.id_token()))
                                               .scope(sts::scope::role_assignments("1")));
    token_ptr held;
    asio::co_spawn(context, source.get(),
                   [&](std::exception_ptr const&, token_ptr got) { held = std::move(got); });
    while (!held)
        context.run_one();
    guarded_token const guarded(held);

    struct contestant {
        std::string name;
        std::function<void()> work;
        std::vector<double> one, two;
    };
    std::vector<contestant> all = {
        {"source.peek()", [&] { peek_often(source, hits); }, {}, {}},
        {"mutex + shared_ptr", [&] { peek_often(guarded, hits); }, {}, {}},
        {"co_await source.get()", [&] { await_often(source, hits); }, {}, {}},
        {"co_await mutex + shared_ptr", [&] { await_often(guarded, hits); }, {}, {}},
    };
    std::uint64_t of_source = 0;
    for (int round = 0; round <= rounds; ++round)
        for (auto& each : all)
            for (int threads : {1, 2}) {
                auto const before = allocations.load();
                auto const took = measure(each.work, hits, threads);
                if (round == 0) continue; // for warmth
                (threads == 1 ? each.one : each.two).push_back(took);
                if (each.name.find("source") != std::string::npos) of_source += allocations.load() - before;
            }

    std::cout << std::fixed << std::setprecision(1);
    for (auto const& each : all)
        std::cout << std::left << std::setw(30) << each.name << std::right << std::setw(7) << median(each.one)
                  << " ns on one thread" << std::setw(7) << median(each.two) << " ns on two\n";
    std::cout << std::setprecision(2) << "peek, to the mutex             "
              << median(all[0].one) / median(all[1].one) << " and " << median(all[0].two) / median(all[1].two)
              << "\nget, to the mutex              " << median(all[2].one) / median(all[3].one) << " and "
              << median(all[2].two) / median(all[3].two) << "\nallocations a million hits     "
              << static_cast<double>(of_source) * 1e6 / (double(hits) * rounds * 6)
              << " (those of threads and contexts included)\n";
    source.close();
    client.close();
}
