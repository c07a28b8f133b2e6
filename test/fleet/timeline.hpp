// What will happen, in order. Data alone, so that a seed decides everything.
#pragma once

#include "fleet/scenario.hpp"

#include <cstdint>
#include <queue>
#include <vector>

namespace fleet {

enum class occasion : std::uint8_t {
    caller,   ///< comes for a token
    deadline, ///< of the caller that waits longest
    due,      ///< a token that a source keeps current
    end_of,   ///< a token ends at the service
    opened,   ///< a connection, or not
    answer,   ///< of the service
    overdue,  ///< a deadline of an exchange
    pause,    ///< of an exchange is over
    tick,     ///< of a pool
    arrives,  ///< a command at the store
    answered, ///< a command by the store
    woke,     ///< a flight with a store
    restart,  ///< a process
    clock,    ///< of a machine jumps
    failover  ///< of the store
};

struct event {
    instant when;
    std::uint64_t number;
    std::uint32_t who; ///< what it concerns, by the occasion
    std::uint32_t tag; ///< of that: another one now means that the event no longer counts
    occasion what;

    bool operator<(event const& other) const noexcept {
        return when != other.when ? when > other.when : number > other.number;
    }
};

class timeline {
public:
    void add(instant when, occasion what, std::uint32_t who, std::uint32_t tag = 0) {
        queue_.push({when, ++added_, who, tag, what});
    }
    bool is_over(instant end) const { return queue_.empty() || queue_.top().when > end; }
    event next() {
        auto const first = queue_.top();
        queue_.pop();
        return first;
    }

private:
    std::priority_queue<event> queue_;
    std::uint64_t added_ = 0;
};

} // namespace fleet
