// The states of one exchange, without I/O, clock or lock. The machine is given an event and returns the
// action to perform. A pool performs the actions; a test drives the machine step by step.
//
// Vocabulary
//   attempt   begins when the exchange gets a connection, or when opening one for it has failed; ends with
//             its answer or its failure. A stale connection that is replaced immediately does not begin
//             another attempt. `max_attempts` counts those that have sent something
//   stop      the end of an exchange, or of an attempt, from outside
//
// An exchange goes from fresh by asking (if it has a supplier), signing (if that takes long) and waiting to
// leased, where an answer ends it (done). After a failed attempt it goes by judging to pausing and then
// waiting again, or to asking for another subject token, or to done. A stop ends it from any state.
#pragma once

#include "base/saturating.hpp"
#include "core/retry_policy.hpp"

#include <equinix/sts/error.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts::core {

/// Why an exchange, or an attempt of it, is ended from outside.
enum class stop_reason : unsigned char {
    none,
    attempt_timed_out, ///< ends only the attempt; the others end the exchange
    canceled,          ///< by the caller's cancellation slot
    closed,            ///< by `client::close()`
    timed_out          ///< its deadline has passed
};

class exchange_fsm {
public:
    enum class state : unsigned char {
        fresh,   ///< not started yet
        asking,  ///< waits for its subject token
        signing, ///< waits for the signatures of its next attempt
        waiting, ///< waits for a connection
        leased,  ///< has one
        judging, ///< an attempt has failed; the user's classifier is asked
        pausing, ///< waits before another attempt
        done     ///< has its outcome
    };

    enum class action : unsigned char {
        none,    ///< nothing: wait for the next event
        ask,     ///< ask the supplier for a subject token; `supplied` follows
        sign,    ///< have the signatures of the next attempt made; `signatures` follows
        acquire, ///< get a connection, see `fresh_only()` and `has_waited()`; `leased` or `unserved` follows
        send,    ///< prepare this attempt, and send the request over the connection
        interrupt, ///< have the connection's driver end it; `interrupted` follows
        judge,     ///< ask the user's classifier, if there is one; `classified` follows
        pause,     ///< wait until `resume_at()`; `pause_over` follows
        finish     ///< remove it from what it waits for, and resume the caller
    };

    /// What has happened. The functions document what each event must provide.
    struct event {
        enum class type : unsigned char {
            started,     ///< the exchange begins, or cannot because of `why`
            supplied,    ///< the supplier has answered, with `why` if there is nothing to send
            signatures,  ///< they are made, or cannot be because of `why`
            leased,      ///< a connection was leased
            unserved,    ///< opening a connection for it has failed, or too many wait
            answered,    ///< an answer has arrived: a token, or `why`
            broken,      ///< the connection failed
            interrupted, ///< the driver has ended a stopped exchange
            classified,  ///< the classifier has decided
            pause_over,  ///< the pause is over
            overdue,     ///< a deadline has passed
            stopped      ///< from outside
        };

        type is;
        base::clock::time_point now{};
        error_info* why = nullptr; ///< will be moved from
        phase where = phase::none; ///< the phase in which it was stopped
        stop_reason reason = stop_reason::none;
        retry_decision said = retry_decision::by_default;
        std::uint32_t random = 0;   ///< uniformly distributed over its range
        bool turned_away = false;   ///< of `unserved`: no attempt
        bool unprocessed = false;   ///< of `broken`: the service has surely not processed the request
        bool stale = false;         ///< of `broken`: may have been closed unnoticed before it was leased
        bool resumed = false;       ///< of `broken`: it has resumed a TLS session, and served nothing yet
        bool answer_begun = false;  ///< of `broken`
        bool new_nonce = false;     ///< of `answered`: refused for want of a nonce that is known now
        bool other_subject = false; ///< of `pause_over`: the subject token has expired meanwhile
        bool pays = true; ///< of `classified`: no other one has paid for the opening that it waits for
    };

    /// The context of an event.
    struct surroundings {
        retry_options const& retry;
        std::chrono::nanoseconds attempt_timeout;
        retry_budget& budget;
        bool closed = false;  ///< the client is closed: nothing new is begun
        bool opening = false; ///< a connection is being opened, so that an exchange which stops waiting has
                              ///< had an attempt
        std::chrono::nanoseconds timeout{0}; ///< of the exchange as it was set, for a text
    };

    exchange_fsm() = default;
    exchange_fsm(base::clock::time_point started, base::clock::time_point deadline, bool has_supplier = false,
                 bool signs = false) noexcept
        : started_(started), deadline_(deadline), has_supplier_(has_supplier), signs_(signs) {}

    action resume(event const& what, surroundings const& in) noexcept;

    /// Ends it before it has begun, with this reason.
    void refuse(error_info why) noexcept { failure_ = std::move(why); }

    /// A byte of the request may have reached the service. Called by the connection's driver, while it is
    /// leased.
    void request_sent() noexcept { sent_ = sent_since_ = attempt_sent_ = true; }

    /// Whether a request that may have reached the service must not be sent again, whatever the replay policy
    /// says: the subject token has expired by the local clock, which may be wrong. To be called before the
    /// attempts that it applies to.
    void send_once(bool so) noexcept {
        once_ = so;
        sent_since_ = false;
    }

    state is() const noexcept { return state_; }
    base::clock::time_point started() const noexcept { return started_; }
    base::clock::time_point resume_at() const noexcept { return resume_at_; }
    unsigned attempts() const noexcept { return attempts_; }
    bool in_attempt() const noexcept { return in_attempt_; }
    bool was_sent() const noexcept { return sent_; }
    bool is_stopped() const noexcept { return stopped_ != stop_reason::none; }
    bool has_attempt_timed_out() const noexcept { return stopped_ == stop_reason::attempt_timed_out; }
    bool is_overdue() const noexcept { return has_attempt_timed_out() || stopped_ == stop_reason::timed_out; }

    /// When a leased exchange is to be sent `overdue`; the largest time point for never.
    base::clock::time_point next_deadline() const noexcept;

    /// For `acquire`: only a connection that cannot have been closed unnoticed will do. The exchange had its
    /// turn before.
    bool fresh_only() const noexcept { return fresh_only_; }
    bool has_waited() const noexcept { return attempts_ != 0; }

    /// The last attempt got no connection.
    bool is_unserved() const noexcept { return unserved_; }

    /// For `judge`: whether another attempt is allowed, so that the classifier is asked.
    bool may_go_on(retry_options const& retry) const noexcept {
        return !attempts_are_spent(retry, !attempt_sent_, sent_attempts_);
    }

    /// For `ask`: the service has refused the subject token, for the reason in `failure()`.
    bool refusal_stands() const noexcept { return refusal_stands_; }

    /// The failure of the last attempt, finally that of the exchange; null when it got a token.
    error_info const* failure() const noexcept { return succeeded_ ? nullptr : &failure_; }
    error_info take_failure() noexcept { return std::move(failure_); }

private:
    action decide(event const& what, surroundings const& in) noexcept;
    action go_on(event const& what) noexcept;
    action prepare() const noexcept { return signs_ ? action::sign : action::acquire; }
    action without_connection(event const& what, surroundings const& in) noexcept;
    action receive(event const& what, surroundings const& in) noexcept;
    action lose_connection(event const& what, surroundings const& in) noexcept;
    error_info stop_error(stop_reason why, phase where, surroundings const& in) const noexcept;
    action end_interrupted(phase where, surroundings const& in) noexcept;
    action retry(event const& what, surroundings const& in) noexcept;
    action note_stop(stop_reason reason, phase where, surroundings const& in) noexcept;
    action fail(error_info&& why) noexcept;
    action fail_unserved() noexcept;
    void begin_attempt(base::clock::time_point now, surroundings const& in) noexcept;
    void end_attempt() noexcept;
    bool is_replaced(event const& broken, surroundings const& in) noexcept;
    bool asks_again(event const& classified, surroundings const& in) const noexcept;
    bool keep_failure(base::clock::time_point now) noexcept;

    base::clock::time_point started_{};
    base::clock::time_point deadline_ = base::clock::time_point::max();
    base::clock::time_point attempt_deadline_ = base::clock::time_point::max();
    base::clock::time_point resume_at_{};
    std::vector<attempt_error> earlier_; ///< the failed attempts before the last
    error_info failure_;
    unsigned attempts_ = 0;
    unsigned sent_attempts_ = 0;
    unsigned cost_ = 0; ///< of the last retry
    state state_ = state::fresh;
    stop_reason stopped_ = stop_reason::none;
    bool has_supplier_ = false;
    bool signs_ = false; ///< each sending has signatures of its own, which are made before
    bool in_attempt_ = false;
    bool succeeded_ = false;
    bool replaced_ = false; ///< a stale connection was replaced, which happens once at most
    unsigned nonces_ = 0;   ///< how often this attempt was sent again with another nonce
    unsigned refusals_ = 0; ///< how often it was sent again because it was surely not processed
    bool fresh_only_ = false;
    bool asked_again_ = false;    ///< the service has refused a subject token and another was asked for
    bool refusal_stands_ = false; ///< the other one has not arrived yet: `failure_` has the refusal
    bool sent_ = false;
    bool attempt_sent_ = false; ///< in this attempt
    bool unserved_ = false;     ///< the last attempt got no connection
    bool once_ = false;
    bool sent_since_ = false; ///< since `send_once` was set
};

} // namespace equinix::sts::core
