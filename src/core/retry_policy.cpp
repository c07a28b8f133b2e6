#include "core/retry_policy.hpp"

#include "base/back_off.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace equinix::sts::core {

using std::chrono::nanoseconds;

namespace {

bool may_replay(retry_options const& options, retry_situation const& now) noexcept {
    return !now.sent_once && (options.replay == replay_policy::safe || !now.request_sent);
}

} // namespace

std::optional<nanoseconds> retry_wait(retry_options const& options, error_info const& failed,
                                      retry_situation const& now) noexcept {
    if (now.attempt >= options.max_attempts || now.classified == retry_decision::give_up) return std::nullopt;
    if (!may_replay(options, now)) return std::nullopt;
    if (now.classified == retry_decision::by_default) {
        if (!failed.retryable()) return std::nullopt;
        if (failed.kind == error_kind::dns && now.dns_failures != 0) return std::nullopt;
    }
    BOOST_ASSERT(now.attempt != 0);
    auto const most = base::doubled(options.base_delay, now.attempt - 1, options.max_delay);
    auto const asked = failed.retry_after.value_or(std::chrono::seconds(0));
    if (asked <= asked.zero()) {
        auto const wait = base::share_of(most, now.random);
        return wait < now.left ? std::optional(wait) : std::nullopt;
    }
    // Compared in seconds first: the largest would overflow as nanoseconds.
    if (asked > std::chrono::floor<std::chrono::seconds>(options.max_retry_after) || asked >= now.left)
        return std::nullopt;
    return asked + base::share_of(std::min(most, now.left - asked), now.random);
}

std::string_view why_final(retry_options const& options, error_info const& failed, retry_situation const& now,
                           bool budget_is_short) noexcept {
    bool const wanted = now.classified == retry_decision::retry ||
                        (now.classified == retry_decision::by_default && failed.retryable() &&
                         (failed.kind != error_kind::dns || now.dns_failures == 0));
    if (!wanted || now.attempt >= options.max_attempts) return {};
    if (now.sent_once)
        return "; not retried because the subject token has expired according to the local clock";
    if (!may_replay(options, now)) return "; not retried because client_options::retry.replay forbids it";
    if (budget_is_short) return "; not retried because client_options::retry.budget is used up";
    return "; not retried because the wait would exceed the deadline or "
           "client_options::retry.max_retry_after";
}

unsigned retry_cost(error_info const& failed) noexcept {
    return failed.kind == error_kind::timeout ? 10 : 5;
}

bool retry_budget::take(unsigned cost) noexcept {
    if (left_ < cost) return false;
    left_ -= cost;
    return true;
}

void retry_budget::refund(unsigned cost) noexcept {
    BOOST_ASSERT(left_ <= capacity_);
    left_ = std::min(capacity_ - left_, cost) + left_;
}

} // namespace equinix::sts::core
