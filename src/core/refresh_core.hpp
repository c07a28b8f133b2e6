// When the token of one key is served, refreshed, waited for or refused, without clock, timer or randomness.
//
// Vocabulary
//   flight    an exchange for this key; at most one counts at a time
//   holds     there is a token, and neither clock says that its time to be served is over
//   due       it holds, and it is time to fetch the next
//   window    after a failure: until its end nothing is begun
#pragma once

#include "base/jwt_peek.hpp"
#include "base/saturating.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/refresh.hpp>
#include <equinix/sts/token.hpp>

#include <cstdint>
#include <optional>

namespace equinix::sts::core {

class refresh_core {
public:
    enum class verdict {
        serve,   ///< the token
        refresh, ///< the token, and begin a flight in the background
        wait,    ///< for the flight
        fly,     ///< begin a flight, and wait for it
        refuse   ///< with the last failure
    };

    enum class failure {
        passing,   ///< may be over soon
        permanent, ///< the service has refused the request for good
        subject    ///< there was no subject token to send
    };

    /// What a caller gets who comes now.
    verdict ask(time_stamp now, bool flying) const noexcept;

    /// Whether a refused caller may be worth a look for another subject token: the failure was permanent, and
    /// the last look is a while ago. Counts as one.
    bool look_again(time_stamp now) noexcept;

    bool holds(time_stamp now) const noexcept {
        return held_ && now.steady < served_until_.steady && now.system < served_until_.system;
    }
    bool is_due(time_stamp now) const noexcept {
        return now.steady >= due_.steady || now.system >= due_.system;
    }

    /// A flight has brought a token. False when it has no lifetime and serves those alone who wait for it.
    /// `random` is evenly distributed over its range, here and below.
    bool received(token const& fresh, base::jwt_times const& subject, time_stamp now,
                  refresh_options const& options, std::uint32_t random) noexcept;

    /// A flight has failed.
    void failed(failure how, time_stamp now, std::uint32_t random) noexcept;

    /// The token was refused where it was shown. False when it stays.
    bool invalidate(time_stamp now) noexcept;

    void forget() noexcept { held_ = false; }

    /// Of a token that is held.
    time_stamp served_until() const noexcept { return served_until_; }
    time_stamp due() const noexcept { return due_; }

private:
    void open_window(std::chrono::nanoseconds wait, time_stamp now) noexcept;
    time_stamp after_no_better_one(time_stamp now) noexcept;

    bool held_ = false;
    time_stamp received_{};
    time_stamp served_until_{};
    time_stamp due_{};

    base::clock::time_point window_end_ = base::clock::time_point::min();
    base::clock::time_point look_at_ = base::clock::time_point::min();
    unsigned failures_ = 0;   ///< in a row, of any kind
    unsigned permanent_ = 0;  ///< in a row
    unsigned unimproved_ = 0; ///< tokens in a row that live no longer than the one before, or are not kept

    base::clock::time_point last_invalidation_ = base::clock::time_point::min();
    unsigned invalidations_ = 0;  ///< of young tokens in a row
    bool rejected_early_ = false; ///< somebody has tried to, when the token that is held was young
};

} // namespace equinix::sts::core
