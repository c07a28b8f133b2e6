// The clocks of a machine.
#pragma once

#include "base/saturating.hpp"
#include "fleet/scenario.hpp"

#include <equinix/sts/token.hpp>

namespace fleet {

using time_point = equinix::sts::base::clock::time_point;

class machine {
public:
    /// `phase`: at what point of its first hours it is, when it is suspended by turns.
    machine(nanoseconds awake_for, nanoseconds asleep_for, nanoseconds phase) noexcept
        : awake_for_(awake_for), cycle_(awake_for + asleep_for), phase_(phase) {}

    bool is_asleep(instant now) const noexcept { return sleeps() && (now + phase_) % cycle_ >= awake_for_; }

    /// When it is awake again, if it is asleep.
    instant wakes(instant now) const noexcept { return now + (cycle_ - (now + phase_) % cycle_); }

    time_point steady(instant now) const noexcept { return begin + awake(now + phase_); }

    /// When its steady clock shows this.
    instant reaches(time_point steady) const noexcept {
        auto const shown = steady - begin;
        if (!sleeps()) return shown - phase_;
        return shown / awake_for_ * cycle_ + shown % awake_for_ - phase_;
    }

    /// `single`: a defect, by which both are one clock.
    equinix::sts::time_stamp stamp(instant now, bool single) const noexcept {
        using system = std::chrono::system_clock;
        auto const shown = single ? nanoseconds(steady(now) - begin) : now + off_;
        return {steady(now), system::time_point(std::chrono::duration_cast<system::duration>(years + shown))};
    }

    void set_clock(nanoseconds off) noexcept { off_ = off; }
    nanoseconds off() const noexcept { return off_; }

private:
    static constexpr time_point begin = time_point(std::chrono::hours(1000));
    static constexpr nanoseconds years = std::chrono::hours(24) * 365 * 50;

    bool sleeps() const noexcept { return cycle_ > awake_for_; }
    nanoseconds awake(nanoseconds passed) const noexcept {
        if (!sleeps()) return passed;
        return passed / cycle_ * awake_for_ + std::min(passed % cycle_, awake_for_);
    }

    nanoseconds awake_for_, cycle_, phase_;
    nanoseconds off_{};
};

} // namespace fleet
