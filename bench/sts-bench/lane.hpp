// An io_context with its client, and the coroutines that load it.
#pragma once

#include "sts-bench/load.hpp"
#include "support/histogram.hpp"
#include "support/usage.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::bench {

using clock = std::chrono::steady_clock;

/// One thread's share of what came out. Whatever coroutine runs on the thread writes here.
struct runner {
    static thread_local runner* current;

    histogram latency;
    std::atomic<std::uint64_t> exchanges = 0; // read by the progress line; written by this thread alone
    std::uint64_t errors = 0;
    thread_usage used;
    clock::time_point ended;

    void count(bool good, std::uint64_t more = 1) noexcept {
        exchanges.store(exchanges.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
        if (!good) errors += more;
    }
};

class lane {
public:
    /// `share` is this lane's part of the scenario.
    lane(scenario const& share, service const& at, std::string const& scope, progress& how_far);

    /// Opens the connections, and has each serve one exchange; or gets the tokens. Throws `sts::error`.
    void open();

    /// Starts what is measured; `run` carries it out.
    void begin();
    void run() { context_.run(); }

    /// Closes the connections.
    void end();

    /// The process's memory when one connection had served an exchange.
    double rss_of_one() const noexcept { return rss_of_one_; }

    sts::stats stats() const;

private:
    boost::asio::awaitable<void> first();
    boost::asio::awaitable<void> one_more();
    boost::asio::awaitable<void> fill();
    boost::asio::awaitable<void> exchanges();
    template <class Get>
    boost::asio::awaitable<void> hits(Get get);
    boost::asio::awaitable<void> source_hits();
    boost::asio::awaitable<void> cache_hits();
    boost::asio::awaitable<void> wait_idly();
    boost::asio::awaitable<void> one_of(client& with, unsigned& left, boost::asio::steady_timer& ended);
    boost::asio::awaitable<void> from_nothing();
    void spawn(boost::asio::awaitable<void> worker);
    bool next() noexcept;
    std::optional<clock::time_point> next_slot() noexcept;

    scenario const share_;
    service const& at_;
    exchange_request const request_;
    progress& how_far_;
    boost::asio::io_context context_;
    client client_;
    std::optional<token_source> source_;
    std::optional<token_cache> cache_;
    struct cached {
        token_cache::key key;
        exchange_request request;
    };
    std::vector<cached> keys_;
    sts::stats fresh_; ///< of the clients of `cold`
    double rss_of_one_ = 0;
    std::exception_ptr failure_;

    // Of several threads, when they share the client.
    std::atomic<std::int64_t> left_ = 0;
    std::atomic<std::uint64_t> slot_ = 0;
    std::atomic<unsigned> working_ = 0;
    clock::time_point begun_, end_;
};

} // namespace equinix::sts::bench
