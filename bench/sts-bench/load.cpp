#include "sts-bench/load.hpp"

#include "sts-bench/lane.hpp"

#include <algorithm>
#include <barrier>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace equinix::sts::bench {
namespace {

/// The threads of a scenario. All open their connections; then, all at once, they do what is measured.
class crew {
public:
    crew(scenario const& what, service const& at, std::string const& scope, progress& how_far)
        : what_(what), at_(at), scope_(scope), how_far_(how_far),
          lanes_(what.shared_client ? 1 : what.threads), runners_(what.threads),
          together_(static_cast<std::ptrdiff_t>(what.threads)) {}

    figures work() {
        {
            std::vector<std::jthread> threads;
            for (unsigned i = 0; i < what_.threads; ++i)
                threads.emplace_back([this, i] { run(i); });
        }
        if (failure_) std::rethrow_exception(failure_);
        return sum();
    }

private:
    void run(unsigned index) noexcept {
        auto& me = runners_[index];
        runner::current = &me;
        bool const leads = index < lanes_.size();
        try {
            if (leads) open(index);
        } catch (...) {
            fail();
        }
        together_.arrive_and_wait();
        if (index == 0) rss_open_ = resident_kb();
        if (leads && !failed()) lanes_[index]->begin();
        auto const start = clock::now();
        if (index == 0) begun_ = start;
        together_.arrive_and_wait();
        if (failed()) return;
        auto const before = usage_of_thread();
        lanes_[index % lanes_.size()]->run();
        me.used = usage_of_thread() - before;
        me.ended = clock::now();
        together_.arrive_and_wait(); // no lane ends under another thread
        if (leads) rss_end_ = std::max<double>(rss_end_, resident_kb());
        if (leads) lanes_[index]->end();
    }

    void open(unsigned index) {
        auto share = what_;
        auto const parts = static_cast<unsigned>(lanes_.size());
        auto const part = [&](std::uint64_t all) { return all / parts + (index < all % parts ? 1 : 0); };
        share.concurrency = static_cast<unsigned>(part(what_.concurrency));
        share.connections = static_cast<unsigned>(part(what_.connections));
        share.exchanges = part(what_.exchanges);
        share.rate = what_.rate / parts;
        auto const before = usage_of_thread();
        auto const start = clock::now();
        lanes_[index] = std::make_unique<lane>(share, at_, scope_, how_far_);
        lanes_[index]->open();
        auto const spent = usage_of_thread() - before;
        std::scoped_lock const held(mutex_);
        rss_before_ += lanes_[index]->rss_of_one() / parts;
        opening_cpu_us_ += spent.cpu_us;
        opening_seconds_ = std::max(opening_seconds_, seconds(clock::now() - start));
    }

    static double seconds(clock::duration time) { return std::chrono::duration<double>(time).count(); }

    void fail() noexcept {
        std::scoped_lock const held(mutex_);
        if (!failure_) failure_ = std::current_exception();
    }
    bool failed() noexcept {
        std::scoped_lock const held(mutex_);
        return failure_ != nullptr;
    }

    figures sum() const {
        figures all;
        all.client = "ours";
        all.mode = name_of(what_.mode);
        all.http = name_of(what_.http);
        all.concurrency = what_.concurrency;
        all.connections = what_.connections;
        all.threads = what_.threads;
        all.opening_seconds = opening_seconds_;
        all.opening_cpu_us = opening_cpu_us_;
        for (auto const& one : runners_) {
            all.seconds = std::max(all.seconds, seconds(one.ended - begun_));
            all.used += one.used;
            all.latency.add(one.latency);
            all.exchanges += one.exchanges.load(std::memory_order_relaxed);
            all.errors += one.errors;
        }
        auto const more = what_.connections - std::min<unsigned>(what_.connections, unsigned(lanes_.size()));
        all.rss_kb = rss_end_;
        auto const others =
            what_.concurrency - std::min<unsigned>(what_.concurrency, unsigned(lanes_.size()));
        if (others != 0) all.kb_per_exchange = std::max(0.0, rss_end_ - rss_before_) / others;
        auto const full = what_.mode == mode::idle ? rss_end_ : rss_open_;
        if (more != 0) all.kb_per_connection = std::max(0.0, full - rss_before_) / more;
        for (auto const& one : lanes_) {
            auto const counted = one->stats();
            all.handshakes_full += counted.handshakes_full;
            all.handshakes_resumed += counted.handshakes_resumed;
        }
        return all;
    }

    scenario const& what_;
    service const& at_;
    std::string const& scope_;
    progress& how_far_;
    std::vector<std::unique_ptr<lane>> lanes_;
    std::vector<runner> runners_;
    std::barrier<> together_;
    std::mutex mutex_;
    std::exception_ptr failure_;
    double opening_seconds_ = 0, opening_cpu_us_ = 0;
    double rss_before_ = 0, rss_open_ = 0, rss_end_ = 0;
    clock::time_point begun_;
};

} // namespace

figures run(scenario const& what, service const& at, std::string const& scope, progress& how_far) {
    return crew(what, at, scope, how_far).work();
}

} // namespace equinix::sts::bench
