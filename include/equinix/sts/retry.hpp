/// \file
/// When a failed attempt is followed by another.
#pragma once

#include <equinix/sts/error.hpp>

#include <chrono>
#include <functional>

namespace equinix::sts {

/// What may be asked for again. A token exchange issues one more token and changes nothing else, so asking
/// again after a lost answer is harmless, unless the service takes each subject token but once.
enum class replay_policy {
    safe,       ///< an attempt may follow one whose answer was lost
    unsent_only ///< only one of which the service cannot have seen a byte is followed by another
};

/// What a classifier says of a failed attempt.
enum class retry_decision {
    by_default, ///< as the client would decide by itself
    retry,      ///< another attempt may help; the limits below still hold
    give_up     ///< it cannot: the error is final
};

/// How failed attempts are retried. Members of `client_options::retry`, checked with it.
///
/// Retried by default: kinds `connect`, `network` and `truncated`, kind `timeout` when `connect_timeout` or
/// `attempt_timeout` has passed, `dns` once, and any answer of the service with status 408, 409, 425, 429,
/// 500, 502, 503 or 504, with or without an OAuth error. Never: what a proxy answers or leaves unanswered,
/// and what the deadline of the exchange, the caller or the client ended.
///
/// Between attempts the exchange waits a random time between zero and a ceiling that doubles with each
/// ("full jitter"), or what `Retry-After` asks for and up to such a time more. It never waits beyond the
/// exchange's deadline: where the wait does not fit, it ends at once with the attempt's own error.
struct retry_options {
    retry_options() = default;

    /// Most attempts of an exchange, the first included. Default 4; at least 1, which means no retry.
    unsigned max_attempts = 4;

    /// The ceiling of the first wait. Default 100 ms; positive.
    std::chrono::nanoseconds base_delay = std::chrono::milliseconds(100);

    /// The largest ceiling. Default 5 s; at least `base_delay`.
    std::chrono::nanoseconds max_delay = std::chrono::seconds(5);

    /// The longest `Retry-After` that is waited for; beyond it the error is final and carries the value.
    /// Default 30 s; not negative.
    std::chrono::nanoseconds max_retry_after = std::chrono::seconds(30);

    /// How much the exchanges of a client may retry together: each retry takes 5 out of this budget, 10
    /// after a time-out, and a success gives back what its last retry took, or 1. When it is empty, errors
    /// are final: a service that is down is not asked over and over by everyone. Default 500; 0 means no
    /// retries.
    unsigned budget = 500;

    /// What may be asked for again. Default: everything.
    replay_policy replay = replay_policy::safe;

    /// Asked after each failed attempt but the last that is allowed, with its error and number (1 for the
    /// first). Called from whichever thread moves the exchange on, without a lock, possibly from several at a
    /// time; it must not block. What it throws is taken for `by_default`. Default: none.
    std::function<retry_decision(error_info const& failed, unsigned attempt)> classifier;
};

} // namespace equinix::sts
