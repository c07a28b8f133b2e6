#include <equinix/sts/prometheus.hpp>

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

namespace equinix::sts {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// The bounds of the histogram; `client_options::attempt_timeout` is 10 s by default.
constexpr std::array bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};

class attempt_histogram {
public:
    void add(double seconds) {
        std::scoped_lock const lock(mutex_);
        std::size_t at = 0;
        while (at < bounds.size() && seconds > bounds[at])
            ++at;
        ++counts_[at];
        sum_ += seconds;
    }
    ClientMetric metric() const {
        std::scoped_lock const lock(mutex_);
        ClientMetric made;
        std::uint64_t below = 0;
        for (std::size_t at = 0; at < counts_.size(); ++at) {
            below += counts_[at];
            auto& bucket = made.histogram.bucket.emplace_back();
            bucket.cumulative_count = below;
            bucket.upper_bound = at < bounds.size() ? bounds[at] : std::numeric_limits<double>::infinity();
        }
        made.histogram.sample_count = below;
        made.histogram.sample_sum = sum_;
        return made;
    }

private:
    mutable std::mutex mutex_;
    std::array<std::uint64_t, bounds.size() + 1> counts_{};
    double sum_ = 0;
};

/// The families by their names, filled object by object.
class families {
public:
    using labels = std::vector<std::pair<std::string, std::string>>;

    void counter(char const* name, char const* help, labels const& of, std::uint64_t value) {
        add(name, help, MetricType::Counter, of).counter.value = static_cast<double>(value);
    }
    void gauge(char const* name, char const* help, labels const& of, double value) {
        add(name, help, MetricType::Gauge, of).gauge.value = value;
    }
    void histogram(char const* name, char const* help, ClientMetric value) {
        family(name, help, MetricType::Histogram).metric.push_back(std::move(value));
    }
    std::vector<MetricFamily> take() {
        std::vector<MetricFamily> all;
        all.reserve(all_.size());
        for (auto& [name, one] : all_)
            all.push_back(std::move(one));
        return all;
    }

private:
    MetricFamily& family(char const* name, char const* help, MetricType type) {
        auto& one = all_[name];
        one.name = std::string("equinix_sts_") + name;
        one.help = help;
        one.type = type;
        return one;
    }
    ClientMetric& add(char const* name, char const* help, MetricType type, labels const& of) {
        auto& metric = family(name, help, type).metric.emplace_back();
        for (auto const& [label, value] : of) {
            auto& pair = metric.label.emplace_back();
            pair.name = label;
            pair.value = value;
        }
        return metric;
    }

    std::map<std::string, MetricFamily> all_;
};

void collect(families& to, std::string const& name, client const& one) {
    auto const now = one.stats();
    auto const of = [&](char const* label = nullptr, std::string const& value = {}) {
        families::labels all{{"client", name}};
        if (label != nullptr) all.emplace_back(label, value);
        return all;
    };
    constexpr char exchanges[] = "exchanges_total", exchanges_help[] = "Exchanges by their result.";
    to.counter(exchanges, exchanges_help, of("result", "token"), now.succeeded);
    for (unsigned number = 1; number <= error_kinds; ++number) {
        auto const kind = static_cast<error_kind>(number);
        to.counter(exchanges, exchanges_help, of("result", std::string(to_string(kind))), now.failed(kind));
    }
    to.counter("retries_total", "Attempts after the first of an exchange.", of(), now.retries);
    constexpr char handshakes[] = "handshakes_total", handshakes_help[] = "TLS handshakes.";
    to.counter(handshakes, handshakes_help, of("kind", "full"), now.handshakes_full);
    to.counter(handshakes, handshakes_help, of("kind", "resumed"), now.handshakes_resumed);
    constexpr char bytes[] = "bytes_total", bytes_help[] = "Bytes over TCP, including TLS.";
    to.counter(bytes, bytes_help, of("direction", "sent"), now.bytes_sent);
    to.counter(bytes, bytes_help, of("direction", "received"), now.bytes_received);
    constexpr char connections[] = "connections", connections_help[] = "Connections by their state.";
    to.gauge(connections, connections_help, of("state", "idle"), static_cast<double>(now.idle));
    to.gauge(connections, connections_help, of("state", "leased"), static_cast<double>(now.leased));
    to.gauge(connections, connections_help, of("state", "opening"), static_cast<double>(now.opening));
    to.gauge("streams", "Exchanges in flight over HTTP/2.", of(), static_cast<double>(now.streams));
    to.gauge("exchanges_waiting", "Exchanges that wait for a connection.", of(),
             static_cast<double>(now.waiting));
    to.gauge("exchanges_pausing", "Exchanges that wait before another attempt.", of(),
             static_cast<double>(now.pausing));
    to.gauge("retry_budget", "The remaining retry budget.", of(), now.retry_budget);
}

/// Of a source or a cache.
void collect(families& to, families::labels const& of, token_stats const& now) {
    to.counter("token_hits_total", "Callers that got a token immediately.", of, now.hits);
    to.counter("token_misses_total", "Callers that had to wait or were refused.", of, now.misses);
    to.counter("token_fetches_total", "Exchanges started for a source or cache.", of, now.fetches);
    to.counter("tokens_total", "Tokens received, from the service or a store.", of, now.refreshed);
    to.counter("token_failures_total", "Exchanges of a source or cache that failed.", of, now.failed);
    to.counter("token_invalidated_total", "Tokens discarded because an API refused them.", of,
               now.invalidated);
    to.gauge("token_waiting", "Callers that wait for a token.", of, static_cast<double>(now.waiting));
    to.counter("store_hits_total", "Tokens found in the store.", of, now.store.hits);
    to.counter("store_misses_total", "Store look-ups that found no token that is good enough.", of,
               now.store.misses);
    to.counter("store_failures_total", "Failures of the store.", of, now.store.failures);
}

void collect(families& to, std::string const& name, token_source const& one) {
    families::labels const of{{"source", name}};
    auto const now = one.stats();
    collect(to, of, now);
    auto const left = now.served_until ? *now.served_until - std::chrono::steady_clock::now()
                                       : std::chrono::steady_clock::duration::zero();
    to.gauge("token_served_seconds", "How long the current token will be served; 0 without one.", of,
             std::max(std::chrono::duration<double>(left).count(), 0.0));
}

void collect(families& to, std::string const& name, token_cache const& one) {
    families::labels const of{{"cache", name}};
    auto const now = one.stats();
    collect(to, of, now.tokens);
    to.gauge("cache_keys", "Keys in the cache.", of, static_cast<double>(now.keys));
    to.counter("cache_evicted_total", "Keys removed to make room for others.", of, now.evicted);
}

} // namespace

namespace {

/// The objects of one kind, by their names. Their destructors and `stats()` run without the lock: they may
/// call the program.
template <class T>
class watched {
public:
    void put(std::string name, T one) {
        std::scoped_lock const lock(mutex_);
        auto const [at, is_new] = all_.try_emplace(std::move(name), one);
        if (!is_new) std::swap(at->second, one); // the old one ends with the argument
    }
    void remove(std::string const& name) {
        typename std::map<std::string, T>::node_type gone; // before the lock, so after it
        std::scoped_lock const lock(mutex_);
        gone = all_.extract(name);
    }
    std::map<std::string, T> copy() const {
        std::scoped_lock const lock(mutex_);
        return all_;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, T> all_;
};

} // namespace

struct prometheus_collector::state {
    watched<client> clients;
    watched<token_source> sources;
    watched<token_cache> caches;
    /// Apart, for the observer: a client whose observer held the rest would hold itself.
    std::shared_ptr<attempt_histogram> const attempts = std::make_shared<attempt_histogram>();
};

prometheus_collector::prometheus_collector() : state_(std::make_shared<state>()) {}
prometheus_collector::~prometheus_collector() = default;

void prometheus_collector::watch(std::string name, client one) {
    state_->clients.put(std::move(name), std::move(one));
}

void prometheus_collector::watch(std::string name, token_source one) {
    state_->sources.put(std::move(name), std::move(one));
}

void prometheus_collector::watch(std::string name, token_cache one) {
    state_->caches.put(std::move(name), std::move(one));
}

void prometheus_collector::forget(std::string const& name) {
    state_->clients.remove(name);
    state_->sources.remove(name);
    state_->caches.remove(name);
}

observer prometheus_collector::attempts() {
    return [into = state_->attempts](event const& what) {
        if (what.type != event_type::attempt_ended) return;
        into->add(std::chrono::duration<double>(what.duration).count());
    };
}

std::vector<MetricFamily> prometheus_collector::Collect() const {
    families all;
    for (auto const& [name, one] : state_->clients.copy())
        collect(all, name, one);
    for (auto const& [name, one] : state_->sources.copy())
        collect(all, name, one);
    for (auto const& [name, one] : state_->caches.copy())
        collect(all, name, one);
    all.histogram("attempt_seconds",
                  "Durations of attempts, including the wait of those that got no connection.",
                  state_->attempts->metric());
    return all.take();
}

} // namespace equinix::sts
