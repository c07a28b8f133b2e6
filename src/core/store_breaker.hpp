// Whether a store is asked at all: after failures in a row it is given up for a while. That it can be read
// does not end a row of failed writes: a store that is full or read-only answers looks. Without a clock or
// randomness.
#pragma once

#include "base/back_off.hpp"
#include "base/saturating.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace equinix::sts::core {

class store_breaker {
public:
    enum class command : unsigned char { read, write };

    static constexpr unsigned failures_to_open = 3;
    static constexpr std::chrono::nanoseconds first = std::chrono::seconds(1),
                                              longest = std::chrono::seconds(30);

    /// Whether a command may be sent. While the breaker is open only a probe may, one at a time: asking
    /// counts as one.
    bool allows(base::clock::time_point now) noexcept {
        if (!is_open()) return true;
        if (now < next_) return false;
        probing_ = true;
        next_ = now + first; // a probe whose end is never told must not be the last
        return true;
    }

    /// A command has been answered. Returns whether that ends a row of failures.
    bool worked(command what) noexcept {
        probing_ = false;
        if (writes_fail_ && what == command::read) {
            failures_ = std::min(failures_, failures_to_open - 1); // the next write decides
            return false;
        }
        openings_ = 0;
        writes_fail_ = false;
        return std::exchange(failures_, 0U) != 0;
    }

    /// A command has failed. Returns whether that opens the breaker, or leaves it open after a probe.
    /// `random` is uniformly distributed over its range.
    bool failed(command what, base::clock::time_point now, std::uint32_t random) noexcept {
        writes_fail_ = writes_fail_ || what == command::write;
        if (is_open() && !probing_) return false; // it was sent before
        if (!is_open() && ++failures_ < failures_to_open) return false;
        probing_ = false;
        next_ = now + base::half_or_more_of(base::doubled(2 * first, openings_, longest), random);
        openings_ = std::min(openings_ + 1, 10U);
        return true;
    }

    bool is_open() const noexcept { return failures_ == failures_to_open; }

private:
    unsigned failures_ = 0;          ///< in a row
    unsigned openings_ = 0;          ///< in a row
    bool probing_ = false;           ///< while it is open
    bool writes_fail_ = false;       ///< the last write has failed
    base::clock::time_point next_{}; ///< no command before this while it is open
};

} // namespace equinix::sts::core
