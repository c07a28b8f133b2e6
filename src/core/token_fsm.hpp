// The states of one key's token, without I/O, clock or lock: what a caller gets, when an exchange for the
// token is wanted, and what becomes of its end. When a token is due is the `refresh_core`'s.
//
// Vocabulary
//   flight    an exchange for this token. It belongs to no caller: all that want the token wait for it. At
//             most one counts at a time
//   turn      flights are bounded; one that is wanted waits for its turn, before those in the background
//   abandon   when the last caller has left and no valid token stands in, the flight no longer counts. The
//             token that it brings all the same is kept
//
// From resting by wanted to flying and back; to refresh a token that is served, by due in place of wanted.
#pragma once

#include "core/refresh_core.hpp"

#include <equinix/sts/error.hpp>

#include <cstdint>

namespace equinix::sts::core {

class token_fsm {
public:
    enum class state : unsigned char {
        resting, ///< no flight is under way or wanted
        wanted,  ///< callers wait for a flight, which waits for its turn
        due,     ///< a flight is to refresh a token that is still served, and waits for its turn
        flying   ///< a flight that counts is under way
    };

    /// What a caller gets.
    enum class answer : unsigned char {
        nothing, ///< it did not ask, or does not wait
        token,   ///< the token that is held
        failure, ///< the last failure
        no_time, ///< there is no token yet, and no time to wait
        wait     ///< it waits until a flight has landed
    };

    /// What to do about flights.
    enum class action : unsigned char {
        none,    ///< nothing
        want,    ///< begin one, or wait for a turn; `begun` follows
        refresh, ///< the same, behind those that callers wait for
        begin,   ///< it is under way
        forgo,   ///< none is wanted any more: leave the queue, or begin none
        abandon, ///< cancel the one that is under way; it no longer counts
        land     ///< the one that counted has ended
    };

    struct event {
        enum class type : unsigned char {
            asked,   ///< by a caller that may wait
            peeked,  ///< by one that does not
            tended,  ///< by nobody: whether it is time to refresh
            left,    ///< a caller no longer waits
            begun,   ///< a flight has begun
            failed,  ///< none could be begun
            landed,  ///< a flight has ended
            erased,  ///< by the user
            dropped, ///< the key goes, to make room
            closed,  ///< the desk
            lost     ///< the context is gone, and all flights with it
        };

        type is;
        time_stamp now{};
        bool in_time = true;        ///< of `asked`: its deadline is to come
        bool may_differ = false;    ///< of `asked`: a supplier may have another subject token
        bool closing = false;       ///< of `peeked`: no flight is begun any more
        bool others_wait = false;   ///< of `left`
        bool counts = false;        ///< of `landed`: it was not abandoned
        bool has_token = false;     ///< of `landed`
        std::uint32_t erasures = 0; ///< of `landed`: when it began
        std::uint32_t random = 0;   ///< of `failed`; evenly distributed over its range
    };

    /// What a flight has come to.
    enum class landing : unsigned char {
        ignored,  ///< nobody is to have what it brings
        received, ///< a token to be kept: `received()` follows
        failed    ///< `failed()` follows
    };

    struct step {
        answer caller = answer::nothing;
        action flight = action::none;
        landing landed = landing::ignored;
    };

    step resume(event const& what) noexcept;

    /// What a failure means to those who wait.
    enum class meaning : unsigned char {
        new_failure, ///< they get it
        refusal,     ///< they get it; the subject token has been refused for good
        as_before    ///< another subject token was looked for, and there is none: they get the last failure
    };
    meaning failed(error_info const& why, bool had_failed, time_stamp now, std::uint32_t random) noexcept;

    /// False when the token has no lifetime and serves those alone who wait for it.
    bool received(token const& fresh, base::jwt_times const& subject, time_stamp now,
                  refresh_options const& options, std::uint32_t random) noexcept;

    /// The token was refused where it was shown. False when it stays.
    bool invalidate(time_stamp now) noexcept { return refresh_.invalidate(now); }

    /// The token is no longer held.
    void forget() noexcept { refresh_.forget(); }

    state is() const noexcept { return state_; }

    /// Whether nothing is under way, abandoned flights included.
    bool is_idle() const noexcept { return state_ == state::resting && abandoned_ == 0; }
    bool is_flying() const noexcept { return state_ != state::resting; }
    unsigned flights() const noexcept { return abandoned_ + (state_ == state::flying ? 1U : 0U); }
    unsigned abandoned() const noexcept { return abandoned_; }

    /// A flight that began before the last erasure is nobody's.
    std::uint32_t erasures() const noexcept { return erasures_; }

    /// Whether it was erased, and nobody has asked since.
    bool is_erased() const noexcept { return erased_; }

    /// Whether the next flight is worth it only with another subject token.
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
    unsigned abandoned_ = 0; ///< flights that do not count
    std::uint32_t erasures_ = 0;
    bool erased_ = false;
    bool look_only_ = false;
};

} // namespace equinix::sts::core
