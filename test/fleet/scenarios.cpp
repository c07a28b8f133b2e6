#include "fleet/scenario.hpp"

#include <algorithm>

namespace fleet {

namespace {

using kind = trouble::kind;

/// A scenario, changed.
template <class Change>
scenario with(scenario one, std::string_view name, std::string_view about, Change change) {
    one.name = name;
    one.about = about;
    change(one);
    return one;
}

std::vector<scenario> all() {
    scenario plain;
    plain.name = "steady";
    plain.about = "nothing happens for three hours";
    plain.run_for = 3h;
    plain.most_in_a_second = 0.02;
    plain.calm_after = 15min;
    std::vector<scenario> list{plain};
    auto const add = [&](std::string_view name, std::string_view about, auto change) {
        list.push_back(with(plain, name, about, change));
    };
    auto const shared = [](scenario& one) {
        one.shared = sharing::redis;
        one.most_in_a_second = 0; // one process asks for all
    };

    add("steady-files", "the processes of each machine share a directory", [&](scenario& one) {
        one.shared = sharing::files;
        one.most_in_a_second = 0.01;
    });
    add("steady-redis", "all processes share a Redis", shared);
    add("deployment", "each process is replaced once within 20 min", [](scenario& one) {
        one.deploy_at = 1h;
        one.deploy_within = 20min;
    });
    add("deployment-files", "likewise, with a directory on each machine", [](scenario& one) {
        one.shared = sharing::files;
        one.deploy_at = 1h;
        one.deploy_within = 20min;
    });
    add("deployment-redis", "likewise, with a Redis", [&](scenario& one) {
        shared(one);
        one.deploy_at = 1h;
        one.deploy_within = 20min;
    });
    add("deployment-10000", "10,000 processes are replaced within an hour", [](scenario& one) {
        one.processes = 10'000;
        one.deploy_at = 1h;
        one.deploy_within = 1h;
    });
    add("deployment-10000-redis", "likewise, with a Redis", [&](scenario& one) {
        shared(one);
        one.processes = 10'000;
        one.deploy_at = 1h;
        one.deploy_within = 1h;
    });
    add("power-cut", "all start within a second", [](scenario& one) { one.start_within = 1s; });
    add("power-cut-redis", "likewise, with a Redis", [&](scenario& one) {
        shared(one);
        one.start_within = 1s;
    });
    add("outage", "the service refuses connections for 10 min", [](scenario& one) {
        one.service = {{45min, 55min, kind::refuses}};
        one.most_in_a_second = 0;
    });
    add("long-outage", "the service answers 503 for longer than a token lives", [](scenario& one) {
        one.service = {{1h, 3h, kind::busy}};
        one.run_for = 4h;
        one.most_in_a_second = 0;
    });
    add("busy-outage", "likewise, for 100 processes with 20 callers a second each", [](scenario& one) {
        one.processes = 100;
        one.caller_each = 50ms;
        one.service = {{1h, 3h, kind::busy}};
        one.run_for = 4h;
        one.most_in_a_second = 0;
    });
    add("silence", "the service is silent for longer than a token lives", [](scenario& one) {
        one.service = {{1h, 2h + 30min, kind::silent}};
        one.run_for = 3h;
        one.most_in_a_second = 0;
    });
    add("quota", "10 requests a second for 10,000 processes that start together", [](scenario& one) {
        one.processes = 10'000;
        one.start_within = 1s;
        one.quota = 10;
        one.retry_after = 5s;
        one.most_in_a_second = 0;
    });
    add("quota-redis", "likewise, with a Redis", [&](scenario& one) {
        shared(one);
        one.processes = 10'000;
        one.start_within = 1s;
        one.quota = 10;
        one.retry_after = 5s;
    });
    add("daily-quota", "a quota for a day, used up in the evening", [](scenario& one) {
        one.run_for = 48h;
        one.processes = 100;
        one.daily_quota = 3000;
        one.retry_after = 60s;
        one.most_in_a_second = 0;
    });
    add("failing-store", "a Redis that fails over each minute", [&](scenario& one) {
        shared(one);
        one.store = {{0s, 2s, kind::busy, 1min}, {30s, 31s, kind::silent, 1min}};
        one.fails_over_each = 1min;
        one.life = 10min;
    });
    add("lost-store", "a Redis that is gone for an hour", [&](scenario& one) {
        shared(one);
        one.store = {{1h, 2h, kind::refuses}};
        one.life = 20min;
    });
    add("parted-network", "by turns each zone is cut off from the service, then from the store",
        [&](scenario& one) {
            shared(one);
            one.life = 20min;
            one.service = {{10min, 15min, kind::silent, 1h, 1000, 0},
                           {30min, 35min, kind::refuses, 1h, 1000, 1}};
            one.store = {{20min, 25min, kind::silent, 1h, 1000, 1},
                         {40min, 50min, kind::refuses, 1h, 1000, 2}};
        });
    add("clocks", "clocks that are off by up to a day, and jump each 20 min", [](scenario& one) {
        one.clocks_off = 24h;
        one.jump_each = 20min;
        one.most_in_a_second = 0;
    });
    add("laptops", "machines that are suspended for 2 h after each hour", [](scenario& one) {
        one.run_for = 24h;
        one.processes = 100;
        one.on_a_machine = 1;
        one.awake_for = 1h;
        one.asleep_for = 2h;
        one.most_in_a_second = 0;
    });
    add("laptops-redis", "likewise, with a Redis", [&](scenario& one) {
        shared(one);
        one.run_for = 24h;
        one.processes = 100;
        one.on_a_machine = 1;
        one.awake_for = 1h;
        one.asleep_for = 2h;
    });
    add("midnight", "all tokens end together, each 6 h", [](scenario& one) {
        one.run_for = 24h;
        one.all_end_each = 6h;
        one.most_in_a_second = 0;
    });
    add("gateway", "one process with a token for each of a million users", [](scenario& one) {
        one.processes = 1;
        one.keys = 1'000'000;
        one.connections = one.flights = 128;
        one.start_within = 1h;
        one.run_for = 90min;
        one.caller_each = 20min;
        one.most_in_a_second = 0;
    });
    add("small", "50 processes and tokens of 30 s, to be compared with bench-fleet --seconds 300",
        [](scenario& one) {
            one.processes = 50;
            one.life = 30s;
            one.start_within = 10ms;
            one.run_for = 5min;
            one.most_in_a_second = 0;
        });
    add("small-redis", "likewise, with a Redis", [&](scenario& one) {
        shared(one);
        one.processes = 50;
        one.life = 30s;
        one.start_within = 10ms;
        one.run_for = 5min;
    });
    add("retry-storm", "for an hour half of the answers are 503, then all are late", [](scenario& one) {
        one.life = 10min;
        one.service = {{30min, 90min, kind::busy, 0s, 500}, {100min, 110min, kind::slow}};
        one.most_in_a_second = 0;
    });
    return list;
}

} // namespace

std::vector<scenario> const& scenarios() {
    static std::vector<scenario> const list = all();
    return list;
}

scenario const* find(std::string_view name) {
    auto const found = std::ranges::find(scenarios(), name, &scenario::name);
    return found == scenarios().end() ? nullptr : &*found;
}

bool trouble::is_on(instant now) const noexcept {
    return was_on(now, 0ns);
}

bool trouble::was_on(instant now, nanoseconds span) const noexcept {
    if (now < from) return false;
    auto const since = every > every.zero() ? (now - from) % every : now - from;
    return since < to - from + span;
}

} // namespace fleet
