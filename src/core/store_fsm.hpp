// The steps of one flight with a token store, without I/O, clock, lock or randomness: look into the store,
// acquire the lease, exchange, write what came, release the lease. Returns what to do next and is told what
// came of it.
//
// Vocabulary
//   record    what the store has under the name of this token. Only what opens counts
//   lease     who holds it makes the exchange. It saves work and decides nothing: who has waited for another
//             in vain, or finds the store broken, makes the exchange without it
//   good      a token that is not at its end and is not the one that was refused; for a refresh, one that is
//             served for longer than the one that is held
//   trouble   a command has failed: the flight goes on without the store, after a random wait
//
// The order: looking, (erasing,) acquiring, (waiting for another,) asking for the cool-down, exchanging,
// writing, releasing. What the waiting callers get is decided before the last two.
#pragma once

#include "base/saturating.hpp"
#include "core/store_record.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/refresh.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/token.hpp>
#include <equinix/sts/token_store.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

class store_fsm {
public:
    using time_point = base::clock::time_point;

    /// What the flight is for.
    struct wanted {
        std::vector<std::string> names; ///< of the token, under each key
        std::string cool_down_name;     ///< under the first key
        secret held;                    ///< for a refresh: the token that is held; otherwise empty
        time_point served_until{};      ///< of that token
        secret refused;                 ///< a token that was invalidated; otherwise empty
        time_point deadline = time_point::max();
    };

    enum class action : unsigned char {
        look,     ///< at the record of `name()`
        acquire,  ///< the lease of `name()`
        renew,    ///< likewise
        release,  ///< likewise
        swap,     ///< under `name()` what is `expected()` for `desired()`, for `life()`
        wait,     ///< until `until()`, or until something happens
        exchange, ///< begin the exchange, then as `wait`
        serve,    ///< give the callers the token of `take_found()`
        fail,     ///< give the callers the failure of `take_failure()`
        none      ///< nothing more: the flight has ended
    };

    struct event {
        enum class type : unsigned char {
            began,        ///< the flight
            looked,       ///< the answer to `look`
            acquired,     ///< the answer to `acquire`
            answered,     ///< the answer to another command
            failed,       ///< the command has failed
            woke,         ///< `until()` has come
            told_to_wait, ///< while it is being made, the exchange was told to retry after `wait`
            exchanged,    ///< the exchange has ended; the callers have got its result already
            told,         ///< the callers have got what `serve` or `fail` gave them
            hurried,      ///< the token that was held no longer serves
            canceled      ///< no caller wants the token any longer; not once the exchange has begun
        };

        type is;
        time_point now{};
        std::uint32_t random = 0;         ///< uniformly distributed over its range
        bool allowed = true;              ///< of `began` and `exchanged`: the store may be asked
        time_point asked{};               ///< of an answer: when the command was sent
        stored_record const* found{};     ///< of `looked` and `acquired`
        bool won = false;                 ///< of `acquired`
        std::chrono::milliseconds left{}; ///< of `acquired`: of the lease that another holds
        std::string_view holder{};        ///< of `acquired`: who that is, if the store can tell
        bool yes = false;                 ///< of `answered`
        bool late = false;                ///< of `failed`: it may succeed if it is sent once more
        std::chrono::nanoseconds wait{};  ///< of `told_to_wait`
        token const* fresh{};             ///< of `exchanged`, or else `why`, or neither
        error_info const* why{};          ///< of `exchanged`
    };

    /// What there is to count.
    enum note : unsigned {
        hit = 1,
        miss = 2,
        lease_won = 4,
        lease_awaited = 8,
        unopened = 16,
        written = 32,
        unshared = 64 ///< the token is bound to what only this process has
    };

    store_fsm(store_keys const& keys, refresh_options const& options, wanted what);

    action resume(event const& what);

    std::string const& name() const noexcept;
    std::optional<std::string> const& expected() const noexcept;
    store_record const* desired() const noexcept { return desired_ ? &*desired_ : nullptr; }
    std::chrono::milliseconds life() const noexcept { return life_; }
    time_point until() const noexcept { return until_; }
    bool had_trouble() const noexcept { return trouble_; }
    bool has_looked() const noexcept { return looked_; }

    /// The token, with its times by this process's clocks. `now` is one moment on both.
    token take_found(time_stamp now);
    error_info take_failure() { return std::move(*failure_); }

    /// The notes since the last call, as bits.
    unsigned take_notes() noexcept { return std::exchange(notes_, 0U); }

private:
    enum class state : unsigned char {
        looking,
        erasing,
        acquiring,
        awaiting, ///< another's exchange
        asking,   ///< for the cool-down
        cooling,
        pausing, ///< after trouble
        exchanging,
        renewing,
        reading,    ///< the cool-down, to write it
        publishing, ///< the cool-down
        telling,    ///< the callers
        writing,
        releasing,
        ended
    };

    /// What a look has found.
    enum class finding : unsigned char { nothing, good, refused, refusal };

    action looked(event const& what);
    action acquired(event const& what);
    action answered(event const& what);
    action failed(event const& what);
    action woke(event const& what);
    action end_of_exchange(event const& what);

    finding judge(event const& what, std::string const& name);
    bool is_good(store_record const& record, time_point made, time_point now) const;
    void note_time(event const& what) noexcept;
    action act_on(finding what);
    action send(state next, action what) noexcept;
    action look(std::size_t index) noexcept;
    action acquire() noexcept;
    action await_other(event const& what);
    void note_holder(event const& what);
    action ask_for_cool_down() noexcept;
    action cool(event const& what);
    action go_on_cooling(time_point now) noexcept;
    action exchange(time_point now);
    action go_on_exchanging() noexcept;
    action renew() noexcept;
    action publish(event const& what);
    action after_cool_down() noexcept;
    time_point end_of_trouble(time_point since) const noexcept;
    action serve();
    action fail(error_info why);
    action write(event const& what);
    action release() noexcept;
    action end() noexcept;
    std::optional<store_record> open(stored_record const& found, std::string const& name);
    std::chrono::milliseconds longest_lease() const noexcept;
    std::chrono::nanoseconds third() const noexcept;

    store_keys const* keys_;
    refresh_options const* options_;
    wanted want_;
    state state_ = state::ended;
    action last_ = action::none; ///< the command that was sent last
    bool again_ = false;         ///< it was sent once more
    bool trouble_ = false;
    bool looked_ = false; ///< the store has told its time
    bool asked_for_lease_ = false;
    bool holds_lease_ = false;
    bool exchanging_ = false;
    bool told_ = false; ///< the callers have got their result, or are about to
    unsigned notes_ = 0;
    unsigned awaited_ = 0;                      ///< looks at another's lease
    bool silent_ = false;                       ///< another's lease showed no sign of life at the last look
    time_point pass_by_at_ = time_point::max(); ///< when another's exchange has been waited for long enough
    std::string holder_;                        ///< of the lease that was seen last
    time_point lease_end_{};                    ///< of that lease, unless it is renewed
    int failed_holders_ = 0;                    ///< that gave their leases back and left no token
    std::size_t index_ = 0;                     ///< of the name

    std::optional<std::string> seen_; ///< the record under the first name
    std::optional<std::string> seen_cool_down_, erased_;
    std::chrono::milliseconds generation_{}; ///< the latest that was seen
    std::chrono::milliseconds time_{};       ///< the store's, at the last look
    time_point time_at_{};                   ///< when that look was sent
    time_point renew_at_ = time_point::max();
    time_point cool_until_{};
    time_point until_{};
    std::chrono::nanoseconds cool_for_{}; ///< to be published; zero when nothing is

    std::optional<store_record> found_;
    time_point found_made_{}; ///< when it was requested, by this process's clock
    std::optional<store_record> desired_;
    std::chrono::milliseconds life_{};
    std::optional<error_info> failure_;
};

} // namespace equinix::sts::core
