// Time arithmetic that cannot overflow.
#pragma once

#include <chrono>

namespace equinix::sts::base {

using clock = std::chrono::steady_clock;

/// `start + span`, at most the largest time point.
constexpr clock::time_point after(clock::time_point start, std::chrono::nanoseconds span) noexcept {
    if (span > clock::time_point::max() - start) return clock::time_point::max();
    return start + span;
}

} // namespace equinix::sts::base
