// A token service as a fleet sees it.
#pragma once

#include "fleet/scenario.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace fleet {

using dice = std::mt19937_64;

class service {
public:
    enum class outcome : std::uint8_t {
        token,
        too_many, ///< 429
        busy,     ///< 503
        refused,  ///< no connection
        nothing   ///< no answer
    };
    struct answer {
        outcome is = outcome::token;
        nanoseconds after{};
        std::uint32_t token = 0;
        std::chrono::seconds life{};
    };

    service(scenario const& how, dice& random) : how_(&how), random_(&random) {}

    /// Whether a connection can be opened from this zone; `silent`: nothing comes of it.
    outcome connect(instant now, unsigned zone) const;

    /// A request has arrived.
    answer ask(instant now, unsigned zone);

    /// When a token ends.
    instant end_of(std::uint32_t token) const { return ends_[token]; }

    /// Whether it has served all that was asked, for a while.
    bool is_well(instant now, unsigned zone) const;

    /// How many requests arrived in each second so far.
    std::vector<std::uint32_t> const& seconds() const noexcept { return seconds_; }
    std::size_t tokens() const noexcept { return ends_.size(); }
    std::size_t turned_away() const noexcept { return turned_away_; }

private:
    trouble const* trouble_at(instant now, unsigned zone, bool connecting) const;
    bool takes_from_quota(instant now);
    nanoseconds latency();
    nanoseconds life_at(instant now) const;

    scenario const* how_;
    dice* random_;
    std::vector<instant> ends_;
    std::vector<std::uint32_t> seconds_;
    double allowed_ = 0; ///< by the quota, now
    instant counted_{};
    std::size_t today_ = 0, day_ = 0;
    std::size_t turned_away_ = 0;
    instant turned_away_at_ = instant::min();
};

} // namespace fleet
