// Makes the scenario smaller in which an invariant breaks.
#pragma once

#include "fleet/simulation.hpp"

namespace fleet {

/// Runs it; nothing if every invariant holds.
std::optional<broken> breaks(scenario const& how, std::uint64_t seed, std::optional<defect> planted);

struct smaller {
    scenario how;
    broken why;
};

/// The smallest scenario found in which the same invariant breaks with this seed, by halving the fleet and
/// the time and leaving out what happens to it.
smaller shrink(scenario const& how, std::uint64_t seed, std::optional<defect> planted, broken const& first);

} // namespace fleet
