// How soon a connection is looked at again that many exchanges share. Some servers send each answer by
// itself: a client that looks at each at once does as much work as with a connection for each exchange. A
// short rest lets several arrive.
#pragma once

#include "base/saturating.hpp"

#include <chrono>
#include <cstddef>

namespace equinix::sts::core {

class look_pace {
public:
    /// Far below what an exchange takes.
    static constexpr std::chrono::microseconds rest{100};

    /// With fewer exchanges in flight each answer is looked at as it comes.
    static constexpr std::size_t many = 16;

    /// A look has brought so many answers. Returns whether the next one is to follow after `rest`, instead of
    /// as soon as there is something to be read. `waiting`: the exchanges that wait for their answers now.
    bool rests(base::clock::time_point now, std::size_t answers, std::size_t waiting) noexcept {
        bool const quick = now - last_ < rest;
        last_ = now;
        answers_ = answers;
        bool const come_together = answers * 4 >= waiting;
        if (waiting < many || come_together)
            resting_ = false;
        else
            resting_ = resting_ ? answers > 1 : quick; // one that brought little was too soon, or not needed
        return resting_;
    }

    /// How many the last look has brought.
    std::size_t last_answers() const noexcept { return answers_; }

private:
    std::size_t answers_ = 0;
    base::clock::time_point last_{};
    bool resting_ = false;
};

} // namespace equinix::sts::core
