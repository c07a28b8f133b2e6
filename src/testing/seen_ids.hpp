// Identifiers (`jti`) that were used lately, to find replays.
#pragma once

#include "base/lock.hpp"

#include <chrono>
#include <string>
#include <unordered_map>

namespace equinix::sts::testing {

/// Thread-safe.
class seen_ids {
public:
    using clock = std::chrono::system_clock;

    /// Returns false if it was added before and is remembered still.
    bool add(std::string const& id, clock::time_point now, std::chrono::seconds remembered) {
        constexpr std::size_t most = 100'000;
        base::mutex_lock const lock(mutex_);
        if (ids_.size() >= most) std::erase_if(ids_, [&](auto const& one) { return one.second < now; });
        auto const [at, is_new] = ids_.emplace(id, now + remembered);
        if (is_new) return true;
        bool const is_over = at->second < now;
        if (is_over) at->second = now + remembered;
        return is_over;
    }

private:
    base::mutex mutex_;
    std::unordered_map<std::string, clock::time_point> ids_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::testing
