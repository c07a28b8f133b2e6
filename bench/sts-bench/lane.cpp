#include "sts-bench/lane.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <limits>
#include <memory>

namespace equinix::sts::bench {

namespace asio = boost::asio;

thread_local runner* runner::current = nullptr;

namespace {

/// Hits between two looks at the clock: the look costs as much as half a hit.
constexpr std::uint64_t hits_a_look = 64;

client_options options_for(scenario const& share, service const& at) {
    auto made = at.options();
    made.http = share.http;
    made.pool.max_connections = share.connections;
    made.pool.max_waiters = std::max<std::size_t>(share.concurrency, 1024) + share.connections;
    made.thread_safe = share.thread_safe;
    if (share.mode == mode::handshake) made.pool.max_uses = 1;
    // A connection that goes away in the middle would bring its handshake into the figures.
    made.pool.max_age = made.pool.idle_timeout = std::chrono::hours(24);
    return made;
}

exchange_request request_for(scenario const& share, service const& at, std::string const& scope) {
    auto request = exchange_request(subject_token(at.subject_token())).scope(sts::scope(scope));
    if (share.dpop) request.proof(signing_key::generate(*share.dpop));
    return request;
}

} // namespace

lane::lane(scenario const& share, service const& at, std::string const& scope, progress& how_far)
    : share_(share), at_(at), request_(request_for(share, at, scope)), how_far_(how_far),
      context_(share.shared_client ? static_cast<int>(share.threads) : 1),
      client_(context_.get_executor(), options_for(share, at)) {
    if (share_.mode == mode::source) source_.emplace(client_, request_);
    if (share_.mode == mode::cache) {
        cache_options options;
        options.max_keys = share_.keys;
        options.max_in_flight = share_.connections;
        cache_.emplace(client_, options);
        for (unsigned i = 0; i < share_.keys; ++i) {
            auto request = request_for(share_, at, "roleassignments:" + std::to_string(i));
            auto const key = cache_->key_of(request);
            keys_.push_back({key, std::move(request)});
        }
    }
}

// ---- before ----

void lane::open() {
    ++working_;
    spawn(first());
    context_.run();
    rss_of_one_ = resident_kb();
    context_.restart();
    if (failure_) std::rethrow_exception(failure_);
    if (share_.mode == mode::source || share_.mode == mode::handshake || share_.mode == mode::cold) return;
    ++working_;
    spawn(fill());
    context_.run();
    context_.restart();
    if (failure_) std::rethrow_exception(failure_);
}

asio::awaitable<void> lane::first() {
    if (source_)
        co_await source_->warm_up();
    else
        co_await client_.exchange(request_);
}

asio::awaitable<void> lane::one_more() {
    co_await client_.exchange(request_);
}

asio::awaitable<void> lane::fill() {
    if (cache_) {
        // A few at a time: the rest would only wait.
        auto left = std::make_shared<std::size_t>(keys_.size());
        for (unsigned i = 0; i < share_.connections; ++i) {
            auto const some = [](lane& self, std::shared_ptr<std::size_t> rest) -> asio::awaitable<void> {
                while (*rest != 0) {
                    auto const& one = self.keys_[--*rest];
                    co_await self.cache_->get(one.key, one.request);
                }
            };
            ++working_;
            spawn(some(*this, left));
        }
        co_return;
    }
    co_await client_.warm_up(share_.connections);
    // All in one go, so that none gets a connection that another one has just left.
    auto const several = share_.http != http_version::http1;
    for (unsigned i = 0; i < (several ? share_.concurrency : share_.connections); ++i) {
        ++working_;
        spawn(one_more());
    }
}

/// The last one to end stops the context: timers of the client may be pending.
void lane::spawn(asio::awaitable<void> worker) {
    asio::co_spawn(context_, std::move(worker), [this](std::exception_ptr why) {
        if (why && !failure_) failure_ = why;
        if (working_.fetch_sub(1) == 1) context_.stop();
    });
}

// ---- what is measured ----

void lane::begin() {
    constexpr auto without_end = std::numeric_limits<std::int64_t>::max();
    left_ = share_.exchanges != 0 ? static_cast<std::int64_t>(share_.exchanges) : without_end;
    begun_ = clock::now();
    end_ = share_.exchanges != 0 ? clock::time_point::max() : begun_ + share_.duration;
    bool const alone = share_.mode == mode::idle || share_.mode == mode::cold;
    auto const workers = alone ? 1 : share_.concurrency;
    working_ = workers;
    for (unsigned i = 0; i < workers; ++i) {
        switch (share_.mode) {
        case mode::exchange:
        case mode::handshake:
            spawn(exchanges());
            break;
        case mode::source:
            spawn(source_hits());
            break;
        case mode::cache:
            spawn(cache_hits());
            break;
        case mode::cold:
            spawn(from_nothing());
            break;
        case mode::idle:
            spawn(wait_idly());
            break;
        }
    }
}

bool lane::next() noexcept {
    return left_.fetch_sub(1, std::memory_order_relaxed) > 0;
}

/// When the next exchange is to begin by the plan, with `--rate`.
std::optional<clock::time_point> lane::next_slot() noexcept {
    if (share_.rate <= 0) return std::nullopt;
    auto const number = static_cast<double>(slot_.fetch_add(1, std::memory_order_relaxed));
    return begun_ + std::chrono::nanoseconds(static_cast<std::int64_t>(number / share_.rate * 1e9));
}

asio::awaitable<void> lane::exchanges() {
    asio::steady_timer timer(context_);
    auto now = clock::now();
    while (now < end_ && next()) {
        auto begun = now;
        if (auto const planned = next_slot()) {
            if (*planned >= end_) break;
            begun = *planned;
            if (begun > clock::now()) {
                timer.expires_at(begun);
                co_await timer.async_wait(asio::use_awaitable);
            }
        }
        auto const got = co_await client_.try_exchange(request_);
        now = clock::now();
        auto& mine = *runner::current;
        mine.latency.add((now - begun).count());
        mine.count(got.has_value());
        how_far_.exchanges.fetch_add(1, std::memory_order_relaxed);
    }
}

/// Awaits tokens that are there; `get` begins to.
template <class Get>
asio::awaitable<void> lane::hits(Get get) {
    for (bool more = true; more;) {
        auto const begun = clock::now();
        auto const token = co_await get();
        auto const now = clock::now();
        runner::current->latency.add((now - begun).count());
        std::uint64_t hits = 1;
        more = now < end_ && next();
        for (; more && hits < hits_a_look; ++hits) {
            auto const again = co_await get();
            more = next();
        }
        runner::current->count(token != nullptr, hits);
        how_far_.exchanges.fetch_add(hits, std::memory_order_relaxed);
        co_await asio::post(context_, asio::use_awaitable); // the others want their turn
    }
}

asio::awaitable<void> lane::source_hits() {
    return hits([this] { return source_->get(); });
}

asio::awaitable<void> lane::cache_hits() {
    return hits([this, random = std::uint64_t(1)]() mutable {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL; // anywhere, and cheaply
        auto const& one = keys_[(random >> 33) % keys_.size()];
        return cache_->get(one.key, one.request);
    });
}

/// One of those that a new client serves at once.
asio::awaitable<void> lane::one_of(client& with, unsigned& left, asio::steady_timer& ended) {
    auto const begun = clock::now();
    auto const got = co_await with.try_exchange(request_);
    auto& mine = *runner::current;
    mine.latency.add((clock::now() - begun).count());
    mine.count(got.has_value());
    how_far_.exchanges.fetch_add(1, std::memory_order_relaxed);
    if (--left == 0) ended.cancel();
}

asio::awaitable<void> lane::from_nothing() {
    asio::steady_timer ended(context_);
    while (clock::now() < end_ && left_.fetch_sub(share_.concurrency) > 0) {
        client fresh(context_.get_executor(), options_for(share_, at_));
        auto left = share_.concurrency;
        ended.expires_at(clock::time_point::max());
        for (unsigned i = 0; i < share_.concurrency; ++i)
            asio::co_spawn(context_, one_of(fresh, left, ended), asio::detached);
        boost::system::error_code canceled;
        co_await ended.async_wait(asio::redirect_error(asio::use_awaitable, canceled));
        auto const counted = fresh.stats();
        fresh_.handshakes_full += counted.handshakes_full;
        fresh_.handshakes_resumed += counted.handshakes_resumed;
        fresh.close();
    }
}

asio::awaitable<void> lane::wait_idly() {
    asio::steady_timer timer(context_, share_.duration);
    co_await timer.async_wait(asio::use_awaitable);
}

stats lane::stats() const {
    auto all = client_.stats();
    all.handshakes_full += fresh_.handshakes_full;
    all.handshakes_resumed += fresh_.handshakes_resumed;
    return all;
}

void lane::end() {
    client_.close();
    context_.restart();
    context_.poll();
}

} // namespace equinix::sts::bench
