// Waits that grow, and chance shares of them, so that those who failed together do not come back together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace equinix::sts::base {

/// `first` doubled so many times, at most `most`.
constexpr std::chrono::nanoseconds doubled(std::chrono::nanoseconds first, unsigned times,
                                           std::chrono::nanoseconds most) noexcept {
    for (unsigned i = 0; i < times && first < most; ++i)
        first = first > most / 2 ? most : first * 2;
    return std::min(first, most);
}

/// An even share of `span`, itself left out; `random` is evenly distributed over its range.
constexpr std::chrono::nanoseconds share_of(std::chrono::nanoseconds span, std::uint32_t random) noexcept {
    // In two steps, since the product of both would not fit.
    auto const whole = span.count() >> 32, rest = span.count() & 0xffffffff;
    return std::chrono::nanoseconds(
        whole * random + static_cast<std::int64_t>((static_cast<std::uint64_t>(rest) * random) >> 32));
}

} // namespace equinix::sts::base
