// Exponential waits, and random parts of them, so that clients which failed together do not retry together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace equinix::sts::base {

/// `first` doubled `times` times, at most `most`.
constexpr std::chrono::nanoseconds doubled(std::chrono::nanoseconds first, unsigned times,
                                           std::chrono::nanoseconds most) noexcept {
    for (unsigned i = 0; i < times && first < most; ++i)
        first = first > most / 2 ? most : first * 2;
    return std::min(first, most);
}

/// `first` multiplied by 2.5 `times` times, at most `most`.
constexpr std::chrono::nanoseconds grown(std::chrono::nanoseconds first, unsigned times,
                                         std::chrono::nanoseconds most) noexcept {
    for (unsigned i = 0; i < times && first < most; ++i)
        first = first > most / 5 * 2 ? most : first * 2 + first / 2;
    return std::min(first, most);
}

/// A uniformly distributed part of `span`, excluding `span` itself; `random` is uniformly distributed over
/// its range.
constexpr std::chrono::nanoseconds share_of(std::chrono::nanoseconds span, std::uint32_t random) noexcept {
    // In two steps, because the product would overflow.
    auto const whole = span.count() >> 32, rest = span.count() & 0xffffffff;
    return std::chrono::nanoseconds(
        whole * random + static_cast<std::int64_t>((static_cast<std::uint64_t>(rest) * random) >> 32));
}

/// Half of `span`, and a part of the other half: a wait that is never short.
constexpr std::chrono::nanoseconds half_or_more_of(std::chrono::nanoseconds span,
                                                   std::uint32_t random) noexcept {
    return span / 2 + share_of(span / 2, random);
}

} // namespace equinix::sts::base
