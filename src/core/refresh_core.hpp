// When the token of one key is served, refreshed, waited for or refused, without a clock, timers or
// randomness.
//
// Vocabulary
//   flight    an exchange for this key; at most one is current at a time
//   holds     there is a token, and by neither clock has its serving time ended
//   due       it holds, and it is time to fetch the next one
//   window    after a failure: nothing is begun before its end
#pragma once

#include "base/jwt_peek.hpp"
#include "base/saturating.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/refresh.hpp>
#include <equinix/sts/token.hpp>

#include <cstdint>
#include <optional>

namespace equinix::sts::core {

/// For how long a token of this lifetime is served.
std::chrono::nanoseconds time_served(std::chrono::nanoseconds lifetime,
                                     refresh_options const& options) noexcept;

class refresh_core {
public:
    enum class verdict {
        serve,   ///< return the token
        refresh, ///< return the token, and begin a flight in the background
        wait,    ///< wait for the flight
        fly,     ///< begin a flight, and wait for it
        refuse   ///< fail with the last failure
    };

    enum class failure {
        passing,   ///< may be over soon
        overload,  ///< likewise; the client's retry budget is used up
        permanent, ///< the service has refused the request for good
        subject    ///< there was no subject token to send
    };

    /// What a caller gets that asks now.
    verdict ask(time_stamp now, bool flying) const noexcept;

    /// Whether a refused caller justifies a look for another subject token: the failure was permanent, and
    /// the last look is a while ago. Counts as a look.
    bool look_again(time_stamp now) noexcept;

    bool holds(time_stamp now) const noexcept {
        return held_ && now.steady < served_until_.steady && now.system < served_until_.system;
    }
    bool is_due(time_stamp now) const noexcept {
        return now.steady >= due_.steady || now.system >= due_.system;
    }

    /// A flight has returned a token. False when the token has no lifetime and serves only the callers that
    /// wait for it. `random` is uniformly distributed over its range, here and below.
    bool received(token const& fresh, base::jwt_times const& subject, time_stamp now,
                  refresh_options const& options, std::uint32_t random) noexcept;

    /// A flight has failed.
    void failed(failure how, time_stamp now, std::uint32_t random) noexcept;

    /// The token was rejected by the service it was shown to. Returns false when it is kept.
    bool invalidate(time_stamp now) noexcept;

    void forget() noexcept { held_ = false; }

    /// For the token that is held.
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
    unsigned failures_ = 0;  ///< consecutive, of any kind
    unsigned permanent_ = 0; ///< consecutive
    unsigned unimproved_ =
        0; ///< consecutive tokens that live no longer than the previous one, or are not kept

    base::clock::time_point last_invalidation_ = base::clock::time_point::min();
    unsigned invalidations_ = 0;  ///< of young tokens, consecutive
    bool rejected_early_ = false; ///< a caller has tried to invalidate the token while it was young
};

} // namespace equinix::sts::core
