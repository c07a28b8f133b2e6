#include "core/exchange_fsm.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <new>

namespace equinix::sts::core {

void exchange_fsm::begin_attempt(base::clock::time_point now, std::chrono::nanoseconds bound) noexcept {
    if (in_attempt_) return;
    in_attempt_ = true;
    ++attempts_;
    attempt_deadline_ = base::after(now, bound);
}

bool exchange_fsm::replaces(error_info const& failed, failure_facts facts, replay_policy policy) noexcept {
    BOOST_ASSERT(in_attempt_);
    if (replaced_ || !facts.stale_connection || facts.answer_begun) return false;
    if (failed.kind != error_kind::network) return false;
    if ((once_ && sent_since_) || (sent_ && policy == replay_policy::unsent_only)) return false;
    replaced_ = true;
    return true;
}

exchange_fsm::action exchange_fsm::failed(error_info const& failed, base::clock::time_point now,
                                          retry_options const& options, retry_decision classified,
                                          std::uint32_t random, retry_budget& budget) noexcept {
    BOOST_ASSERT(in_attempt_ && attempts_ != 0);
    in_attempt_ = false;
    attempt_deadline_ = base::clock::time_point::max();
    retry_situation situation{};
    situation.attempt = attempts_;
    situation.dns_failures =
        static_cast<unsigned>(std::count_if(earlier_.begin(), earlier_.end(), [](attempt_error const& one) {
            return one.kind == error_kind::dns;
        }));
    situation.request_sent = sent_;
    situation.sent_once = once_ && sent_since_;
    situation.random = random;
    situation.left = deadline_ - now;
    situation.classified = classified;
    auto const wait = retry_wait(options, failed, situation);
    auto const cost = retry_cost(failed);
    if (!wait || budget.left() < cost) {
        why_final_ = core::why_final(options, failed, situation, wait.has_value());
        return action::finish;
    }
    if (!keep(failed, now)) return action::finish;
    budget.take(cost);
    cost_ = cost;
    resume_at_ = now + *wait;
    return action::pause;
}

bool exchange_fsm::again(error_info const& failed, base::clock::time_point now) noexcept {
    BOOST_ASSERT(attempts_ != 0);
    in_attempt_ = false;
    attempt_deadline_ = base::clock::time_point::max();
    return keep(failed, now);
}

bool exchange_fsm::keep(error_info const& failed, base::clock::time_point now) noexcept try {
    earlier_.push_back({failed.kind, failed.phase, failed.code, failed.http_status, now - started_});
    return true;
} catch (std::bad_alloc const&) {
    return false;
}

void exchange_fsm::succeeded(retry_budget& budget) const noexcept {
    budget.refund(std::max(cost_, 1U));
}

} // namespace equinix::sts::core
