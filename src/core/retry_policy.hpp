// Whether a failed attempt is followed by another, and when: decisions alone. Time, random bits and the
// budget are arguments.
#pragma once

#include <equinix/sts/retry.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace equinix::sts::core {

/// What, beside the error itself, a decision depends on.
struct retry_situation {
    unsigned attempt = 1;          ///< that failed; 1 is the first
    unsigned dns_failures = 0;     ///< of earlier attempts
    bool request_sent = false;     ///< the service may have seen a byte of any attempt
    bool sent_once = false;        ///< so has its subject token, which has expired and is worth one try
    std::uint32_t random = 0;      ///< evenly distributed over its whole range
    std::chrono::nanoseconds left; ///< of the exchange's deadline
    retry_decision classified = retry_decision::by_default;
};

/// How long to wait before the next attempt; nothing when the error is final.
std::optional<std::chrono::nanoseconds> retry_wait(retry_options const& options, error_info const& failed,
                                                   retry_situation const& now) noexcept;

/// Why an error that another attempt might cure is final all the same, as an addition to its message; empty
/// when the number of attempts or the error itself says it. For one for which `retry_wait` gave nothing, or
/// for which the budget did not suffice.
std::string_view why_final(retry_options const& options, error_info const& failed, retry_situation const& now,
                           bool budget_is_short) noexcept;

/// What a retry after this error takes out of the budget.
unsigned retry_cost(error_info const& failed) noexcept;

/// What the exchanges of a client may retry together. A success refunds.
class retry_budget {
public:
    explicit retry_budget(unsigned capacity) noexcept : capacity_(capacity), left_(capacity) {}

    /// False, and nothing is taken, when less is left.
    bool take(unsigned cost) noexcept;
    void refund(unsigned cost) noexcept;
    unsigned left() const noexcept { return left_; }

private:
    unsigned capacity_;
    unsigned left_;
};

} // namespace equinix::sts::core
