/// \file
/// When a token source or cache gets a new token, and what it tells of itself.
#pragma once

#include <equinix/sts/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace equinix::sts {

/// How tokens are kept fresh. Set members on a named object; checked when a source or cache is made, which
/// throws `sts::error` of kind `config` that names the member.
///
/// A token of lifetime L, counted from before its request was sent, is served until L minus a margin of
/// `max_margin`, or of L/10 where that is less. From L minus `refresh_ahead` (L/5 where that is more) on, but
/// not before L/2, a new one is fetched in the background; up to L/10 earlier, at random, so that not
/// everybody comes at once. When that fails the token that is there goes on being served to its end, and
/// fetching is tried again after 1 s, 2 s, 4 s..., at most 60 s or a quarter of what is left, with jitter.
struct refresh_options {
    refresh_options() = default;

    /// What the observer is told as `event::source`: the name of this source or cache. Default: none. At most
    /// 255 printable ASCII characters.
    std::string name;

    /// The longest margin at the end of a token's life in which it is no more served. Default 60 s; not
    /// negative.
    std::chrono::nanoseconds max_margin = std::chrono::seconds(60);

    /// How long before its end a token is replaced. Default 5 min; not negative.
    std::chrono::nanoseconds refresh_ahead = std::chrono::minutes(5);

    /// The longest lifetime that is believed. Default 24 h; positive.
    std::chrono::nanoseconds max_lifetime = std::chrono::hours(24);

    /// The lifetime of a token for which the service names none. Default: such a token serves those who wait
    /// for it and is not kept. Positive.
    std::optional<std::chrono::nanoseconds> assumed_lifetime;

    /// The bound of `shutdown()` on callers that wait. Default 5 s; not negative.
    std::chrono::nanoseconds shutdown_timeout = std::chrono::seconds(5);
};

/// What a token source, a cache or one key of a cache has done and is doing. The counters only grow.
struct token_stats {
    std::uint64_t hits = 0;            ///< callers that had a token at once
    std::uint64_t misses = 0;          ///< callers that had to wait, or to be refused
    std::uint64_t fetches = 0;         ///< exchanges begun, each with its own retries
    std::uint64_t refreshed = 0;       ///< tokens received
    std::uint64_t failed = 0;          ///< exchanges without a token
    std::uint64_t refused = 0;         ///< callers that were told the last failure at once
    std::uint64_t invalidated = 0;     ///< tokens given up by `invalidate()`
    std::uint64_t not_invalidated = 0; ///< calls of `invalidate()` that kept a token, refused again so soon
    std::size_t waiting = 0;           ///< callers that wait now
    std::size_t in_flight = 0;         ///< exchanges under way now

    /// Until when the token that is there is served; nothing without one. Of a cache as a whole: nothing.
    std::optional<std::chrono::steady_clock::time_point> served_until;

    /// Why the last exchange failed, until one succeeds. Of a cache as a whole: the last of any key.
    std::optional<error_info> last_error;
};

} // namespace equinix::sts
