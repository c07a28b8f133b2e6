// A program that links this counts each call for memory, in whatever library it is made.
#pragma once

#include <cstdint>

namespace equinix::sts::bench {

/// Calls of the calling thread so far.
std::uint64_t allocations_of_thread() noexcept;

} // namespace equinix::sts::bench
