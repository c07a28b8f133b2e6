#include "core/retry_policy.hpp"

#include "base/back_off.hpp"
#include "base/failure.hpp"

#include <boost/assert.hpp>

#include <netdb.h>

#include <algorithm>

namespace equinix::sts::core {

using std::chrono::nanoseconds;

namespace {

bool may_replay(retry_options const& options, retry_situation const& now) noexcept {
    return !now.sent_once && (options.replay == replay_policy::safe || !now.request_sent);
}

bool is_wanted(error_info const& failed, retry_situation const& now) noexcept {
    if (now.classified != retry_decision::by_default) return now.classified == retry_decision::retry;
    return failed.retryable() && !(is_refused_name(failed.kind, failed.code) && now.refused_names != 0);
}

} // namespace

std::optional<nanoseconds> retry_wait(retry_options const& options, error_info const& failed,
                                      retry_situation const& now) noexcept {
    BOOST_ASSERT(now.attempt != 0);
    if (attempts_are_spent(options, now.nothing_sent, now.sent) || !may_replay(options, now) ||
        !is_wanted(failed, now))
        return std::nullopt;
    if (now.unserved) return now.left > now.left.zero() ? std::optional(nanoseconds(0)) : std::nullopt;
    auto const most = base::grown(options.base_delay, now.attempt - 1, options.max_delay);
    auto const asked = failed.retry_after.value_or(std::chrono::seconds(0));
    if (asked <= asked.zero()) {
        auto const wait = base::half_or_more_of(most, now.random);
        return wait < now.left ? std::optional(wait) : std::nullopt;
    }
    // Compared in seconds first: the largest would overflow as nanoseconds.
    if (asked > std::chrono::floor<std::chrono::seconds>(options.max_retry_after) || asked >= now.left)
        return std::nullopt;
    return asked + base::share_of(std::min(most, now.left - asked), now.random);
}

std::string_view why_final(retry_options const& options, error_info const& failed, retry_situation const& now,
                           bool budget_is_short) noexcept {
    if (!is_wanted(failed, now) || attempts_are_spent(options, now.nothing_sent, now.sent)) return {};
    if (now.sent_once)
        return "; not retried because the subject token has expired according to the local clock";
    if (!may_replay(options, now)) return "; not retried because client_options::retry.replay forbids it";
    if (budget_is_short) return "; not retried because client_options::retry.budget is used up";
    return "; not retried because the wait would exceed the deadline or "
           "client_options::retry.max_retry_after";
}

bool is_refused_name(error_kind kind, boost::system::error_code code) noexcept {
    auto const& category = code.category();
    bool const by_system =
        category == boost::system::system_category() || category == boost::system::generic_category();
    return kind == error_kind::dns && !by_system && code.value() != EAI_AGAIN && code.value() != EAI_FAIL;
}

bool blames_connection(error_info const& failed) noexcept {
    return !base::asks_for_patience(failed.http_status);
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
