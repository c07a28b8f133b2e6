#include "core/exchange_fsm.hpp"

#include "base/failure.hpp"
#include "core/bounds.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace equinix::sts::core {

using base::clock;

namespace {

constexpr int most_earlier = 64;
constexpr unsigned most_nonces = 3;   // an attempt
constexpr unsigned most_refusals = 4; // before a refusal counts as an attempt

} // namespace

/// The only function that writes the state: each action leads to one.
exchange_fsm::action exchange_fsm::resume(event const& what, surroundings const& in) noexcept {
    BOOST_ASSERT(attempts_ != 0 || !in_attempt_);
    auto const next = decide(what, in);
    switch (next) {
    case action::none:
        break;
    case action::ask:
        state_ = state::asking;
        break;
    case action::sign:
        state_ = state::signing;
        break;
    case action::acquire:
        state_ = state::waiting;
        break;
    case action::send:
    case action::interrupt:
        state_ = state::leased;
        break;
    case action::judge:
        state_ = state::judging;
        break;
    case action::pause:
        state_ = state::pausing;
        break;
    case action::finish:
        state_ = state::done;
        break;
    }
    return next;
}

exchange_fsm::action exchange_fsm::decide(event const& what, surroundings const& in) noexcept {
    using type = event::type;
    switch (what.is) {
    case type::started:
        BOOST_ASSERT(state_ == state::fresh);
        if (what.why != nullptr) return fail(std::move(*what.why));
        if (in.closed) return fail(stop_error(stop_reason::closed, what.where, in));
        if (deadline_ <= what.now) return fail(stop_error(stop_reason::timed_out, what.where, in));
        return has_supplier_ ? action::ask : prepare();
    case type::supplied:
        BOOST_ASSERT(state_ == state::asking);
        return go_on(what);
    case type::signatures:
        BOOST_ASSERT(state_ == state::signing);
        return what.why != nullptr ? fail(std::move(*what.why)) : action::acquire;
    case type::leased:
        BOOST_ASSERT(state_ == state::waiting);
        begin_attempt(what.now, in);
        return action::send;
    case type::unserved:
        BOOST_ASSERT(state_ == state::waiting);
        return without_connection(what, in);
    case type::answered:
        BOOST_ASSERT(state_ == state::leased);
        return receive(what, in);
    case type::broken:
        BOOST_ASSERT(state_ == state::leased);
        return lose_connection(what, in);
    case type::interrupted:
        BOOST_ASSERT(state_ == state::leased);
        return end_interrupted(what.where, in);
    case type::classified:
        BOOST_ASSERT(state_ == state::judging);
        return retry(what, in);
    case type::pause_over:
        BOOST_ASSERT(state_ == state::pausing);
        if (deadline_ <= what.now && unserved_) return fail_unserved();
        if (deadline_ <= what.now) return fail(stop_error(stop_reason::timed_out, phase::backoff, in));
        return what.other_subject ? action::ask : prepare();
    case type::overdue:
        return note_stop(deadline_ <= what.now ? stop_reason::timed_out : stop_reason::attempt_timed_out,
                         what.where, in);
    case type::stopped:
        return note_stop(what.reason, what.where, in);
    }
    return action::none;
}

/// The supplier has answered.
exchange_fsm::action exchange_fsm::go_on(event const& supplied) noexcept {
    bool const refused = std::exchange(refusal_stands_, false);
    if (supplied.why != nullptr && refused) {
        // The refusal is the failure. That there is no other token explains why it is final, if it was for
        // the token.
        if (failure_.subject_refused()) {
            base::append_to(failure_.message, "; no second attempt: ");
            base::append_to(failure_.message, supplied.why->message);
        }
        return fail(std::move(failure_));
    }
    if (supplied.why != nullptr) return fail(std::move(*supplied.why));
    if (refused && !keep_failure(supplied.now))
        return fail(std::move(failure_)); // no memory to continue with
    return prepare();
}

exchange_fsm::action exchange_fsm::without_connection(event const& unserved,
                                                      surroundings const& in) noexcept {
    if (unserved.turned_away) return fail(std::move(*unserved.why));
    bool const over = in.closed || deadline_ <= unserved.now;
    if (!over || in.opening) begin_attempt(unserved.now, in);
    if (over && !in.closed && !in.opening && unserved_) return fail_unserved();
    if (over) return fail(std::move(*unserved.why));
    end_attempt();
    failure_ = std::move(*unserved.why);
    unserved_ = true;
    return action::judge;
}

/// A complete answer stands even if the deadline passed in the same step. A token stands even if the exchange
/// was cancelled in that step, because the caller gets it.
exchange_fsm::action exchange_fsm::receive(event const& answered, surroundings const& in) noexcept {
    bool const token = answered.why == nullptr;
    if (token || is_overdue()) stopped_ = stop_reason::none;
    if (is_stopped()) return end_interrupted(answered.where, in);
    if (answered.new_nonce && nonces_ < most_nonces && !in.closed) {
        ++nonces_;
        fresh_only_ = false;
        return prepare(); // the attempt goes on (RFC 9449 section 8)
    }
    end_attempt();
    if (!token) {
        failure_ = std::move(*answered.why);
        return action::judge;
    }
    in.budget.refund(std::max(cost_, 1U));
    succeeded_ = true;
    return action::finish;
}

exchange_fsm::action exchange_fsm::lose_connection(event const& broken, surroundings const& in) noexcept {
    if (is_stopped()) return end_interrupted(broken.where, in);
    if (is_replaced(broken, in)) {
        if (broken.unprocessed)
            ++refusals_;
        else
            replaced_ = true;
        fresh_only_ = true;
        return prepare();
    }
    end_attempt();
    failure_ = std::move(*broken.why);
    return action::judge;
}

/// A server may close an idle connection at any time (RFC 9112 section 9.3.1), or notice only after the
/// handshake that it no longer takes a TLS session: a request that got no answer on such a connection is sent
/// again on a fresh one, once. What was surely not processed (RFC 9113 section 8.7) may always be sent again.
bool exchange_fsm::is_replaced(event const& broken, surroundings const& in) noexcept {
    if (broken.unprocessed) return !in.closed && refusals_ < most_refusals;
    if (in.closed || replaced_ || !(broken.stale || broken.resumed) || broken.answer_begun) return false;
    bool const session_refused = broken.resumed && broken.why->kind == error_kind::tls;
    if (broken.why->kind != error_kind::network && !session_refused) return false;
    return !(once_ && sent_since_) && !(sent_ && in.retry.replay == replay_policy::unsent_only);
}

error_info exchange_fsm::stop_error(stop_reason why, phase where, surroundings const& in) const noexcept {
    switch (why) {
    case stop_reason::timed_out:
        return exchange_is_over(where, in.timeout);
    case stop_reason::attempt_timed_out:
        return attempt_is_over(where, in.attempt_timeout);
    case stop_reason::closed:
        return base::failure(error_kind::canceled, where, "the client is closed");
    default:
        return base::failure(error_kind::canceled, where, "the exchange was cancelled");
    }
}

exchange_fsm::action exchange_fsm::end_interrupted(phase where, surroundings const& in) noexcept {
    BOOST_ASSERT(is_stopped());
    auto why = stop_error(stopped_, where, in);
    if (stopped_ != stop_reason::attempt_timed_out) return fail(std::move(why));
    stopped_ = stop_reason::none;
    end_attempt();
    failure_ = std::move(why);
    return action::judge;
}

exchange_fsm::action exchange_fsm::retry(event const& classified, surroundings const& in) noexcept {
    if (is_stopped()) return fail(stop_error(stopped_, phase::backoff, in));
    if (in.closed) return fail(std::move(failure_));
    retry_situation situation{};
    situation.attempt = attempt_sent_ ? sent_attempts_ : attempts_;
    situation.sent = sent_attempts_;
    situation.nothing_sent = !attempt_sent_;
    situation.unserved = unserved_;
    situation.refused_names =
        static_cast<unsigned>(std::count_if(earlier_.begin(), earlier_.end(), [](attempt_error const& one) {
            return is_refused_name(one.kind, one.code);
        }));
    situation.request_sent = sent_;
    situation.sent_once = once_ && sent_since_;
    situation.random = classified.random;
    situation.left = deadline_ - classified.now;
    situation.classified = classified.said;
    auto const wait = retry_wait(in.retry, failure_, situation);
    auto const cost = retry_cost(failure_);
    bool const paid = wait && (classified.pays ? in.budget.left() >= cost : in.retry.budget != 0);
    if (paid && keep_failure(classified.now)) {
        failure_.attempts = attempts_;
        cost_ = classified.pays ? cost : 0;
        in.budget.take(cost_);
        resume_at_ = classified.now + *wait;
        fresh_only_ = !unserved_ && blames_connection(failure_);
        return action::pause;
    }
    if (asks_again(classified, in)) {
        asked_again_ = refusal_stands_ = true;
        return action::ask;
    }
    failure_.budget_spent = wait && !paid && in.retry.budget != 0;
    if (!paid) base::append_to(failure_.message, why_final(in.retry, failure_, situation, wait.has_value()));
    return fail(std::move(failure_));
}

/// The service has refused the subject token, and its supplier may have another one by now. That makes one
/// more attempt, and no retry.
bool exchange_fsm::asks_again(event const& classified, surroundings const& in) const noexcept {
    bool const unauthorized =
        failure_.kind != error_kind::proxy && (failure_.http_status == 400 || failure_.http_status == 401);
    return unauthorized && has_supplier_ && !asked_again_ && classified.said != retry_decision::give_up &&
           in.retry.max_attempts > 1;
}

exchange_fsm::action exchange_fsm::note_stop(stop_reason reason, phase where,
                                             surroundings const& in) noexcept {
    BOOST_ASSERT(reason != stop_reason::none);
    switch (state_) {
    case state::fresh:
    case state::done:
        return action::none;
    case state::asking:
        return fail(stop_error(reason, phase::supplier, in));
    case state::signing:
        return fail(stop_error(reason, phase::sign, in));
    case state::waiting:
        if (in.opening) begin_attempt(deadline_, in);
        return fail(stop_error(reason, where, in));
    case state::pausing:
        return fail(stop_error(reason, phase::backoff, in));
    case state::judging:
        if (!is_stopped()) stopped_ = reason;
        return action::none;
    case state::leased:
        break;
    }
    // A stop of the attempt is overridden by a stop of the exchange; otherwise the first reason stands.
    if (is_stopped() && stopped_ != stop_reason::attempt_timed_out) return action::none;
    stopped_ = reason;
    return action::interrupt;
}

/// Ends the exchange with this error.
exchange_fsm::action exchange_fsm::fail(error_info&& why) noexcept {
    end_attempt();
    if (&why != &failure_) failure_ = std::move(why);
    failure_.attempts = attempts_;
    failure_.request_sent = sent_;
    failure_.earlier = std::move(earlier_);
    return action::finish;
}

/// Why it got no connection is the cause; the deadline only ends the wait for another try.
exchange_fsm::action exchange_fsm::fail_unserved() noexcept {
    BOOST_ASSERT(!earlier_.empty());
    earlier_.pop_back(); // it is the error now
    base::append_to(failure_.message, "; not retried again before the exchange's deadline");
    return fail(std::move(failure_));
}

void exchange_fsm::begin_attempt(clock::time_point now, surroundings const& in) noexcept {
    if (in_attempt_) return; // its connection was replaced
    in_attempt_ = true;
    attempt_sent_ = unserved_ = false;
    nonces_ = 0;
    ++attempts_;
    attempt_deadline_ = base::after(now, in.attempt_timeout);
}

void exchange_fsm::end_attempt() noexcept {
    if (in_attempt_ && attempt_sent_) ++sent_attempts_;
    in_attempt_ = false;
    attempt_deadline_ = clock::time_point::max();
}

/// Of many, the first and the latest.
bool exchange_fsm::keep_failure(clock::time_point now) noexcept try {
    if (earlier_.size() == most_earlier) earlier_.erase(earlier_.begin() + most_earlier / 4);
    earlier_.push_back({failure_.kind, failure_.phase, failure_.code, failure_.http_status, now - started_});
    return true;
} catch (std::bad_alloc const&) {
    return false;
}

clock::time_point exchange_fsm::next_deadline() const noexcept {
    switch (stopped_) {
    case stop_reason::none:
        return std::min(deadline_, attempt_deadline_);
    case stop_reason::attempt_timed_out:
        return deadline_;
    default:
        return clock::time_point::max(); // its driver is about to end it
    }
}

} // namespace equinix::sts::core
