/// \file
/// Retries of failed attempts.
#pragma once

#include <equinix/sts/error.hpp>

#include <chrono>
#include <functional>

namespace equinix::sts {

/// Which requests may be sent again. A token exchange issues one more token and changes nothing else, so a
/// repetition after a lost response is harmless, unless the service accepts each subject token only once.
enum class replay_policy {
    safe,       ///< retries also after an attempt whose response was lost
    unsent_only ///< retries only while the service cannot have received a byte of the request
};

/// A classifier's decision about a failed attempt.
enum class retry_decision {
    by_default, ///< the client's own rules apply
    retry,      ///< another attempt may succeed; the limits below still apply
    give_up     ///< another attempt cannot succeed; the error is final
};

/// How failed attempts are retried: `client_options::retry`, checked with the other members.
///
/// Retried by default: kinds `connect`, `network` and `truncated`; kind `timeout` if `connect_timeout` or
/// `attempt_timeout` passed; `dns`, but only once if the name does not exist; `proxy` if the proxy closed the
/// connection; and any response of the service or of the proxy with status 408, 409, 421, 425, 429, 500, 502
/// to 504, 520 to 530, 598 or 599, with or without an OAuth error. Never retried: an exchange that its
/// deadline, the caller or the client ended.
///
/// An attempt that has sent nothing is free: the host was not resolved, no connection was opened, or the
/// connection was lost before the first byte of the request. Such attempts do not count towards
/// `max_attempts`: they are repeated until the deadline, within the budget. The exchanges of a client share
/// the connections that are being opened. While opening fails, the client opens one at a time, after waits
/// that grow as described below.
///
/// An attempt after a failed one uses a new connection, unless the status (408, 409, 425 or 429) was about
/// the request and not about the server.
///
/// The wait before the second attempt is at least half of `base_delay`. The other half is random. Each
/// further wait is 2.5 times as long, up to `max_delay`. After a response with `Retry-After` the exchange
/// waits for that time, and up to one of these waits in addition. It never waits beyond its deadline: if
/// the wait does not fit, the exchange fails immediately with the attempt's own error.
struct retry_options {
    retry_options() = default;

    /// The maximum number of attempts of an exchange that send something, including the first. Default 5;
    /// at least 1, which means no retry at all, not even of an attempt that sent nothing. The immediate
    /// replacement of a connection that was closed while idle does not count as an attempt.
    unsigned max_attempts = 5;

    /// The wait before the second attempt, half of it random. Default 300 ms; positive.
    std::chrono::nanoseconds base_delay = std::chrono::milliseconds(300);

    /// The longest wait. Default 5 s; at least `base_delay`.
    std::chrono::nanoseconds max_delay = std::chrono::seconds(5);

    /// The longest `Retry-After` that the client waits for. With a longer one the error is final and carries
    /// the value. Default 30 s; not negative.
    std::chrono::nanoseconds max_retry_after = std::chrono::seconds(30);

    /// The retry budget that the exchanges of a client share. Each retry takes 5 from it, or 10 after a
    /// timeout; exchanges that wait for the same connection to open pay only once together. A success returns
    /// what its last retry took, or 1. While too little is left, errors are final, so that clients do not
    /// overload a service that is down. A source or cache without a token then makes at most one exchange
    /// every 1 to 2 s. Default 500; 0 means no retries.
    unsigned budget = 500;

    /// Which requests may be sent again. Default: all.
    replay_policy replay = replay_policy::safe;

    /// A function that is called after each failed attempt, except the last one allowed, with its error and
    /// its number (1 for the first). Default: none.
    ///
    /// Thread-safety: the thread that advances the exchange makes the call, without a lock. Several threads
    /// may call at the same time. The function must not block. An exception counts as `by_default`.
    std::function<retry_decision(error_info const& failed, unsigned attempt)> classifier;
};

} // namespace equinix::sts
