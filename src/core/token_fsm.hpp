// The states of one key's token, without I/O, clock or lock: what a caller gets, when an exchange for the
// token is wanted, and what happens when it ends. `refresh_core` decides when a token is due.
//
// Vocabulary
//   flight    an exchange for this token. It belongs to no caller: all callers that want the token wait for
//             it. At most one is current at a time
//   turn      the number of flights is limited; a wanted one waits for its turn, ahead of those in the
//             background
//   abandon   when the last caller has left and there is no valid token to serve, the flight is no longer
//             current. A token that it returns nevertheless is kept
//
// A token goes from resting by wanted to flying and back; to refresh a token that is served, by due instead
// of wanted.
#pragma once

#include "core/refresh_core.hpp"

#include <equinix/sts/error.hpp>

#include <cstdint>

namespace equinix::sts::core {

class token_fsm {
public:
    enum class state : unsigned char {
        resting, ///< no flight is in progress or wanted
        wanted,  ///< callers wait for a flight, which waits for its turn
        due,     ///< a flight is to refresh a token that is still served, and waits for its turn
        flying   ///< the current flight is in progress
    };

    /// What a caller gets.
    enum class answer : unsigned char {
        nothing, ///< it did not ask, or does not wait
        token,   ///< the token that is held
        failure, ///< the last failure
        no_time, ///< there is no token yet, and no time to wait for one
        wait     ///< it waits until a flight has landed
    };

    /// What to do about flights.
    enum class action : unsigned char {
        none,    ///< nothing
        want,    ///< begin a flight, or wait for a turn; `begun` follows
        refresh, ///< as `want`, behind the flights that callers wait for
        begin,   ///< the flight is in progress
        forgo,   ///< none is wanted any longer: leave the queue, or begin none
        abandon, ///< cancel the current flight; it is no longer current
        land     ///< the current flight has ended
    };

    static constexpr time_stamp never{std::chrono::steady_clock::time_point::max(),
                                      std::chrono::system_clock::time_point::max()};

    struct event {
        enum class type : unsigned char {
            asked,   ///< by a caller that may wait
            peeked,  ///< by a caller that does not wait
            tended,  ///< by no caller: checks whether it is time to refresh
            left,    ///< a caller no longer waits
            begun,   ///< a flight has begun
            failed,  ///< no flight could be begun
            landed,  ///< a flight has ended
            erased,  ///< by the user
            rekeyed, ///< the client's certificate is another: tokens that were got over the old one are of no
                     ///< use
            missed,  ///< after `rekeyed`, or a landing that was ignored: callers wait still
            dropped, ///< the key is being evicted
            closed,  ///< the desk
            lost     ///< the context is gone, and all flights with it
        };

        type is;
        time_stamp now{};
        bool in_time = true;        ///< of `asked`: its deadline has not passed
        bool may_differ = false;    ///< of `asked`: a supplier may have another subject token
        bool closing = false;       ///< of `peeked`: no flight is begun any longer
        bool others_wait = false;   ///< of `left`
        bool counts = false;        ///< of `landed`: it was not abandoned
        bool has_token = false;     ///< of `landed`
        time_stamp ends = never;    ///< of `landed`: of its token
        std::uint32_t erasures = 0; ///< of `landed`: when it began
        std::uint32_t random = 0;   ///< of `failed`; uniformly distributed over its range
    };

    /// The outcome of a flight.
    enum class landing : unsigned char {
        ignored,  ///< its token is not to be used
        received, ///< a token to be kept: `received()` follows
        failed    ///< `failed()` follows
    };

    struct step {
        answer caller = answer::nothing;
        action flight = action::none;
        landing landed = landing::ignored;
    };

    step resume(event const& what) noexcept;

    /// What a failure means to the waiters.
    enum class meaning : unsigned char {
        new_failure, ///< they get it
        refusal,     ///< they get it; the subject token has been refused for good
        as_before    ///< a look for another subject token found none: they get the last failure
    };
    meaning failed(error_info const& why, bool had_failed, time_stamp now, std::uint32_t random) noexcept;

    /// Returns false when the token has no lifetime and serves only the callers that wait for it.
    bool received(token const& fresh, base::jwt_times const& subject, time_stamp now,
                  refresh_options const& options, std::uint32_t random) noexcept;

    /// The token was rejected by the service it was shown to. Returns false when it is kept.
    bool invalidate(time_stamp now) noexcept { return refresh_.invalidate(now); }

    /// The token is no longer held.
    void forget() noexcept { refresh_.forget(); }

    state is() const noexcept { return state_; }

    /// Whether nothing is in progress, abandoned flights included.
    bool is_idle() const noexcept { return state_ == state::resting && abandoned_ == 0; }
    bool is_flying() const noexcept { return state_ != state::resting; }
    unsigned flights() const noexcept { return abandoned_ + (state_ == state::flying ? 1U : 0U); }
    unsigned abandoned() const noexcept { return abandoned_; }

    /// The token of a flight that began before the last erasure is not used.
    std::uint32_t erasures() const noexcept { return erasures_; }

    /// Whether the token was erased, and no caller has asked since.
    bool is_erased() const noexcept { return erased_; }

    /// Whether the next flight makes sense only with another subject token.
    bool looks_for_another_subject() const noexcept { return look_only_; }

    /// Whether one that peeks gets the token and nothing is to be done besides, which is so most of the time.
    bool just_serves(time_stamp now) const noexcept {
        return refresh_.holds(now) && (is_flying() || !refresh_.is_due(now));
    }

    bool holds(time_stamp now) const noexcept { return refresh_.holds(now); }
    time_stamp served_until() const noexcept { return refresh_.served_until(); }
    time_stamp due_at() const noexcept { return refresh_.due(); }

private:
    step decide(event const& what) noexcept;
    step ask(event const& what) noexcept;
    step serve(time_stamp now) const noexcept;
    action end() noexcept;
    step land(event const& landed) noexcept;

    refresh_core refresh_;
    state state_ = state::resting;
    unsigned abandoned_ = 0; ///< flights that are not current
    std::uint32_t erasures_ = 0;
    bool erased_ = false;
    bool look_only_ = false;
};

} // namespace equinix::sts::core
