// A scenario, carried out.
#pragma once

#include "sts-bench/scenario.hpp"
#include "sts-bench/service.hpp"
#include "support/figures.hpp"

#include <atomic>
#include <cstdint>

namespace equinix::sts::bench {

/// For whoever shows how far it is; written now and then.
struct progress {
    std::atomic<std::uint64_t> exchanges = 0;
};

/// Runs it to its end. Throws `sts::error` when no connection can be opened, or no first token be had.
figures run(scenario const& what, service const& at, std::string const& scope, progress& how_far);

} // namespace equinix::sts::bench
