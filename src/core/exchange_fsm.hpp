// The way of one exchange through its attempts, without I/O, clock or lock.
//
// Vocabulary
//   attempt      begins when a connection is opened for the exchange or handed to it, ends with its answer or
//                failure. A stale connection that is replaced at once is still the same attempt.
//   final        the exchange ends with this error
//
// begin_attempt, then failed: `finish`, or `pause` and after that time begin_attempt again, or `replace`.
#pragma once

#include "base/saturating.hpp"
#include "core/retry_policy.hpp"

#include <equinix/sts/error.hpp>

#include <string_view>
#include <vector>

namespace equinix::sts::core {

class exchange_fsm {
public:
    enum class action {
        finish,  ///< the exchange ends with this error
        pause,   ///< wait until `resume_at()`, then acquire a connection again
        replace, ///< acquire a fresh connection at once
    };

    /// What a failure left behind.
    struct failure_facts {
        bool stale_connection = false; ///< it may have died unnoticed before it was handed out
        bool answer_begun = false;
    };

    exchange_fsm() = default;
    exchange_fsm(base::clock::time_point started, base::clock::time_point deadline) noexcept
        : started_(started), deadline_(deadline) {}

    /// A connection was handed over, or opening one for this exchange has failed.
    void begin_attempt(base::clock::time_point now, std::chrono::nanoseconds bound) noexcept;

    /// A byte of the request may have reached the service.
    void request_sent() noexcept { sent_ = sent_since_ = true; }

    /// Whether what has reached the service must not be sent again, whatever the replay policy says: the
    /// subject token has expired by the local clock, which may be wrong. Before the attempts that it is meant
    /// for.
    void send_once(bool so) noexcept {
        once_ = so;
        sent_since_ = false;
    }

    /// A server may close an idle connection at any time (RFC 9112 section 9.3.1): what it never answered on
    /// such a one goes out again on a fresh one, once. Asked before anything else when a connection breaks.
    bool replaces(error_info const& failed, failure_facts facts, replay_policy policy) noexcept;

    /// The attempt failed. `pause` takes from the budget; the error is kept for `take_earlier()`.
    action failed(error_info const& failed, base::clock::time_point now, retry_options const& options,
                  retry_decision classified, std::uint32_t random, retry_budget& budget) noexcept;

    /// The service has refused the attempt's subject token, and there is another: one more attempt follows,
    /// which is no retry. False when there is no memory to keep the error.
    bool again(error_info const& failed, base::clock::time_point now) noexcept;

    /// Ended with a token.
    void succeeded(retry_budget& budget) const noexcept;

    base::clock::time_point started() const noexcept { return started_; }
    base::clock::time_point attempt_deadline() const noexcept { return attempt_deadline_; }
    base::clock::time_point resume_at() const noexcept { return resume_at_; }
    unsigned attempts() const noexcept { return attempts_; }
    bool was_sent() const noexcept { return sent_; }

    /// After `finish`: why, as an addition to the error's message; may be empty.
    std::string_view why_final() const noexcept { return why_final_; }

    /// The failed attempts before the last.
    std::vector<attempt_error> take_earlier() noexcept { return std::move(earlier_); }

private:
    bool keep(error_info const& failed, base::clock::time_point now) noexcept;

    base::clock::time_point started_{};
    base::clock::time_point deadline_ = base::clock::time_point::max();
    base::clock::time_point attempt_deadline_ = base::clock::time_point::max();
    base::clock::time_point resume_at_{};
    std::vector<attempt_error> earlier_;
    std::string_view why_final_;
    unsigned attempts_ = 0;
    unsigned cost_ = 0; ///< of the last retry
    bool in_attempt_ = false;
    bool replaced_ = false;
    bool sent_ = false;
    bool once_ = false;
    bool sent_since_ = false; ///< since that was said
};

} // namespace equinix::sts::core
