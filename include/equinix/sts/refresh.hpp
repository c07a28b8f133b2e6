/// \file
/// When a token source or cache fetches a new token, and its counters.
#pragma once

#include <equinix/sts/error.hpp>
#include <equinix/sts/token_store.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace equinix::sts {

/// How tokens are kept fresh. Set members on a named object. A source or cache checks them on construction
/// and throws `sts::error` of kind `config`, which names the member.
///
/// A token of lifetime L, counted from before its request was sent, is served until L minus a margin:
/// `max_margin`, or L/10 if that is less. From L minus `refresh_ahead` (or L/5 if that is more), but not
/// before L/2, a new token is fetched in the background. The fetch starts up to L/10 earlier, at random, so
/// that not all clients fetch at the same time.
///
/// If the fetch fails, the current token is served to its end. The next fetch follows after 1 s, 2 s, 4 s,
/// ..., at most 60 s (5 s if the supplier failed) and at most a quarter of the remaining time, with jitter.
struct refresh_options {
    refresh_options() = default;

    /// The name of this source or cache in the observer's events (`event::source`). At most 255 printable
    /// ASCII characters. Default: none.
    std::string name;

    /// The maximum margin at the end of a token's lifetime, in which it is no longer served. Default 60 s;
    /// not negative.
    std::chrono::nanoseconds max_margin = std::chrono::seconds(60);

    /// How long before its end a token is replaced. Default 5 min; not negative.
    std::chrono::nanoseconds refresh_ahead = std::chrono::minutes(5);

    /// The maximum lifetime of a token. A longer lifetime from the service counts as this one. Default 24 h;
    /// positive.
    std::chrono::nanoseconds max_lifetime = std::chrono::hours(24);

    /// The lifetime of a token for which the service states none. Positive. Default: none; then such a token
    /// is returned to the waiting callers and not kept.
    std::optional<std::chrono::nanoseconds> assumed_lifetime;

    /// The store through which many processes share their tokens. Default: none.
    store_options sharing;

    /// The maximum time for which `shutdown()` waits for waiting callers. Default 5 s; not negative.
    std::chrono::nanoseconds shutdown_timeout = std::chrono::seconds(5);
};

/// The counters and current numbers of a token source, a cache or one key of a cache. Counters never
/// decrease.
struct token_stats {
    std::uint64_t hits = 0;            ///< callers that received a token immediately
    std::uint64_t misses = 0;          ///< callers that had to wait or were refused
    std::uint64_t fetches = 0;         ///< exchanges started, each with its retries; without store look-ups
    std::uint64_t refreshed = 0;       ///< tokens received, from the service or a store
    std::uint64_t failed = 0;          ///< exchanges that failed
    std::uint64_t refused = 0;         ///< callers that received the last failure immediately
    std::uint64_t invalidated = 0;     ///< tokens discarded by `invalidate()`
    std::uint64_t not_invalidated = 0; ///< calls of `invalidate()` that came too soon and had no effect
    std::size_t waiting = 0;           ///< callers waiting now
    std::size_t in_flight = 0;         ///< exchanges in flight now

    /// The counters of the store, if there is one (`refresh_options::sharing`).
    store_stats store;

    /// When the current token is no longer served. Absent without a token, and for a cache as a whole.
    std::optional<std::chrono::steady_clock::time_point> served_until;

    /// The failure of the last exchange, until one succeeds. For a cache as a whole: the last failure of any
    /// key.
    std::optional<error_info> last_error;
};

} // namespace equinix::sts
