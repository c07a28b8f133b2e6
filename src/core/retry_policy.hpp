// Whether and when a failed attempt is followed by another. Decisions only: time, random bits and the budget
// are arguments.
#pragma once

#include <equinix/sts/retry.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace equinix::sts::core {

/// What a decision depends on besides the error itself.
struct retry_situation {
    unsigned attempt = 1;          ///< the one that failed; 1 is the first
    unsigned sent = 1;             ///< how many attempts so far have sent something
    bool nothing_sent = false;     ///< by the attempt that failed: another one costs the service nothing
    bool unserved = false;         ///< it ended without a connection; the pool spaces the next opening
    unsigned refused_names = 0;    ///< earlier attempts that failed since the name does not exist
    bool request_sent = false;     ///< the service may have seen a byte of any attempt
    bool sent_once = false;        ///< likewise; its subject token has expired and is worth one try
    std::uint32_t random = 0;      ///< uniformly distributed over its range
    std::chrono::nanoseconds left; ///< until the exchange's deadline
    retry_decision classified = retry_decision::by_default;
};

/// Whether no further attempt is allowed after one that has or has not sent anything. Those that sent nothing
/// are free, unless no retries are wanted at all.
constexpr bool attempts_are_spent(retry_options const& options, bool nothing_sent, unsigned sent) noexcept {
    return options.max_attempts == 1 || (!nothing_sent && sent >= options.max_attempts);
}

/// How long to wait before the next attempt; nothing if the error is final. Zero after `unserved`.
std::optional<std::chrono::nanoseconds> retry_wait(retry_options const& options, error_info const& failed,
                                                   retry_situation const& now) noexcept;

/// Why an error that another attempt might cure is nevertheless final, as an addition to its message. Empty
/// when the number of attempts or the error itself explains it. To be called when `retry_wait` returned
/// nothing, or when the budget did not suffice.
std::string_view why_final(retry_options const& options, error_info const& failed, retry_situation const& now,
                           bool budget_is_short) noexcept;

/// Whether the look-up failed because the name does not exist, which waiting rarely changes.
bool is_refused_name(error_kind kind, boost::system::error_code code) noexcept;

/// Whether the failure may be due to the connection, or to the server behind it: the next attempt needs a
/// new connection.
bool blames_connection(error_info const& failed) noexcept;

/// What a retry after this error takes from the budget.
unsigned retry_cost(error_info const& failed) noexcept;

/// The retries that a client's exchanges may make together. A success refunds.
class retry_budget {
public:
    explicit retry_budget(unsigned capacity) noexcept : capacity_(capacity), left_(capacity) {}

    /// Returns false and takes nothing when less is left.
    bool take(unsigned cost) noexcept;
    void refund(unsigned cost) noexcept;
    unsigned left() const noexcept { return left_; }

private:
    unsigned capacity_;
    unsigned left_;
};

} // namespace equinix::sts::core
