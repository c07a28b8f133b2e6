// What must hold at each event, and the defects by which the simulator shows that it would notice.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fleet {

enum class invariant {
    no_expired_token, ///< is served
    no_endless_wait,  ///< nothing outlives its deadline
    one_exchange,     ///< at a time for a name, and not early, while store and service work
    within_budget,    ///< is what the service sees of retries
    nobody_starves,   ///< while the service works
    spread            ///< in time are the requests of many
};

constexpr std::array<std::string_view, 6> names_of_invariants = {
    "an expired token was served",
    "a flight outlived its deadline",
    "an exchange was made in vain",
    "the service saw more retries than the budget allows",
    "a caller starved though the service works",
    "the service saw too many requests in a second",
};

constexpr std::string_view to_string(invariant one) noexcept {
    return names_of_invariants[static_cast<std::size_t>(one)];
}

/// Thrown by a run.
struct broken {
    invariant which;
    std::string what;
    std::uint64_t event; ///< its number
};

enum class defect {
    lease_decides, ///< without the lease there is no exchange
    no_jitter,     ///< all random bits are the same
    one_clock,     ///< the system clock is not looked at
    no_budget      ///< retries are not limited
};

struct known_defect {
    defect is;
    std::string_view name, about, found_by; ///< the scenario
};

constexpr std::array<known_defect, 4> defects = {{
    {defect::lease_decides, "lease-decides", "no exchange is made without the store's lease", "lost-store"},
    {defect::no_jitter, "no-jitter", "all random numbers of the library are the same", "power-cut"},
    {defect::one_clock, "one-clock", "the end of a token is looked for on the steady clock alone", "laptops"},
    {defect::no_budget, "no-budget", "retries are not limited by a budget", "long-outage"},
}};

} // namespace fleet
