// What a fleet is and what happens to it: data alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace fleet {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// Since the run began.
using instant = nanoseconds;

/// Who shares a store: nobody, the processes of a machine, or all.
enum class sharing { memory, files, redis };

/// After a trouble, until all is well again.
constexpr auto a_while = 60s;

/// What is wrong with a server from `from` to `to`, again in each `every` if that is not zero.
struct trouble {
    enum class kind {
        refuses, ///< connections and commands
        silent,  ///< no answer comes
        busy,    ///< the service answers 503; a store executes commands, and their answers are lost
        slow     ///< answers take 20 times as long
    };

    instant from{}, to{};
    kind how = kind::refuses;
    nanoseconds every{};
    unsigned share = 1000; ///< of 1,000 requests, those that it concerns
    std::optional<unsigned> zone =
        std::nullopt; ///< only for the processes of this zone: the network is parted

    bool is_on(instant now) const noexcept;
    bool concerns(unsigned of) const noexcept { return !zone || *zone == of; }
    /// Whether it was on within the last `span`, or is.
    bool was_on(instant now, nanoseconds span) const noexcept;
};

struct scenario {
    std::string_view name, about;

    std::size_t processes = 1000, on_a_machine = 20, zones = 3;
    std::size_t keys = 1;                       ///< tokens that each process needs
    std::size_t connections = 64, flights = 64; ///< of a process at most
    nanoseconds run_for = 1h;
    nanoseconds life = 1h;      ///< of a token
    nanoseconds all_end_each{}; ///< if not zero: all tokens end together, once in this span
    nanoseconds start_within = 10min;
    nanoseconds caller_each = 1s; ///< on average, and key

    // The service.
    nanoseconds latency = 150ms;
    double quota = 0; ///< a second; 0: none. More get 429
    std::size_t daily_quota = 0;
    std::chrono::seconds retry_after{}; ///< with 429 and 503; 0: not told
    std::vector<trouble> service;

    // The store.
    sharing shared = sharing::memory;
    std::vector<trouble> store;
    nanoseconds
        fails_over_each{}; ///< if not zero: it forgets all leases, and what was written in the last second

    // The machines.
    nanoseconds clocks_off{}; ///< their system clocks are off by as much, and jump
    nanoseconds jump_each{};
    nanoseconds awake_for{}, asleep_for{}; ///< they are suspended by turns

    // The deployments: each process starts anew, at its own time within `deploy_within`.
    instant deploy_at{};
    nanoseconds deploy_within{}, deploy_each{};

    // What must hold besides the invariants.
    double most_in_a_second =
        0; ///< requests at the service, for each process, after `calm_after`; 0: not checked
    instant calm_after = 10min;
};

/// All scenarios.
std::vector<scenario> const& scenarios();

/// Null if there is none of this name.
scenario const* find(std::string_view name);

} // namespace fleet
