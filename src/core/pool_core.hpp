// Who gets which connection, and when one is opened or dropped: bookkeeping alone, without I/O, clock or
// lock.
//
// Vocabulary
//   slot     an open connection: idle (in the pool's stack) or leased (to one waiter's exchange)
//   opening  a connection that was planned and neither opened nor failed yet; the core only counts them
//   waiter   an exchange that has no connection yet
//   plan     what the caller must do after an event. Events only change the bookkeeping and write the plan.
//
// Invariants
//   idle + leased + opening <= max_connections;  opening <= max_opening
//   a waiter is queued only while no idle slot would serve it
//
// Waiters are served in the order of their coming. Idle slots are taken last in, first out, so that the stack
// is sorted by idle time and the surplus of a past peak gets old and is dropped.
#pragma once

#include "base/saturating.hpp"

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace equinix::sts::core {

/// An exchange, as the pool sees it. Its owner keeps it alive while it is queued.
struct pool_waiter : boost::intrusive::list_base_hook<> {
    base::clock::time_point deadline = base::clock::time_point::max();
    bool fresh_only = false; ///< must not get a connection that may have died unnoticed
    bool queued = false;
    bool returned = false; ///< was a waiter before, and stands before those who were not

    /// The failure count at which every connect that was under way when it came has failed.
    std::uint64_t gives_up_at = 0;
};

/// A connection, as the pool sees it. Its owner keeps it alive while it is idle or leased.
struct pool_slot : boost::intrusive::list_base_hook<> {
    enum class state {
        unknown, ///< not open yet, or no more
        idle,    ///< may be handed out
        leased   ///< serves an exchange
    };

    state is = state::unknown;
    bool reused = false; ///< not handed over straight from its opening: the peer may have closed it meanwhile
    std::size_t uses = 0;
    base::clock::time_point born{};
    base::clock::time_point idle_since{};
};

struct pool_limits {
    std::size_t max_connections = 64;
    std::size_t max_opening = 16;
    std::size_t max_waiters = 4096;
    std::size_t max_uses = 0; ///< 0: no limit
    std::chrono::nanoseconds idle_timeout = std::chrono::seconds(50);
    std::chrono::nanoseconds max_age = std::chrono::minutes(5);
};

class pool_core {
public:
    using waiters = boost::intrusive::list<pool_waiter>;
    using slots = boost::intrusive::list<pool_slot>;

    /// What to do after an event. Whoever is listed here is in no list of the core any more.
    struct plan {
        pool_waiter* to = nullptr; ///< give `slot` to this waiter
        pool_slot* slot = nullptr;
        std::size_t open = 0; ///< start so many connections
        slots drop;           ///< close these connections
        waiters fail;         ///< end these waiters, for the reason that the event implies
    };

    explicit pool_core(pool_limits const& limits) : limits_(limits) {}

    /// An exchange wants a connection. False, and nothing is done, when too many wait already. `front`: it
    /// had one before, so its turn has come.
    bool acquire(pool_waiter& waiter, base::clock::time_point now, plan& out, bool front = false);

    /// A queued waiter leaves. A connection that is being opened goes on for the next.
    void abandon(pool_waiter& waiter) noexcept;

    /// A planned connection is open.
    void opened(pool_slot& slot, base::clock::time_point now, plan& out);

    /// A planned connection could not be opened. Fails the waiters for whom every connect under way when they
    /// came has failed, and whom no open connection will come back to serve.
    void open_failed(plan& out);

    /// A planned connection is open and of no use any more.
    void open_wasted(plan& out);

    /// Opens so many connections that `connections` are open or being opened. The core has no part in what
    /// becomes of them: none is opened again for this.
    void warm_up(std::size_t connections, plan& out);

    /// Begins no more of those.
    void stop_warming() noexcept { extra_ = 0; }

    /// A leased connection's exchange is over and the connection may serve another.
    void returned(pool_slot& slot, base::clock::time_point now, plan& out);

    /// An idle or leased connection is no more.
    void lost(pool_slot& slot, plan& out);

    /// Time has passed: fails the waiters whose deadline is over, drops idle connections that are too old,
    /// opens connections for those who still wait.
    void tick(base::clock::time_point now, plan& out);

    /// Fails every waiter and drops every idle connection. Leased and opening ones are the caller's to end.
    void close(plan& out);

    /// Drops every idle connection.
    void drop_idle(plan& out);

    /// When an idle connection gets too old next; the largest time point when there is none.
    base::clock::time_point next_expiry() const noexcept;

    std::size_t idle() const noexcept { return idle_.size(); }
    std::size_t leased() const noexcept { return leased_; }
    std::size_t opening() const noexcept { return opening_; }
    std::size_t waiting() const noexcept { return waiting_.size(); }
    std::size_t open() const noexcept { return idle_.size() + leased_; }

    /// Whether connections of a warm-up are still to be begun, or any are being opened.
    bool is_opening() const noexcept { return opening_ != 0 || extra_ != 0; }

private:
    bool expired(pool_slot const& slot, base::clock::time_point now) const noexcept;
    base::clock::time_point expiry(pool_slot const& slot) const noexcept;
    void lease(pool_slot& slot) noexcept;
    void offer(pool_slot& slot, base::clock::time_point now, plan& out);
    void open_more(plan& out, bool probe = false) noexcept;
    void drop_oldest(plan& out) noexcept;
    void fail(waiters::iterator waiter, plan& out);
    static void hand(pool_slot& slot, pool_waiter& waiter, plan& out) noexcept;
    void check() const noexcept; // the invariants, after each event

    pool_limits limits_;
    slots idle_; // the oldest in front
    waiters waiting_;
    std::size_t leased_ = 0;
    std::size_t opening_ = 0;
    std::size_t extra_ = 0;  // connections to be opened for nobody yet
    bool held_back_ = false; // a connect has failed while others work, and none has succeeded since
    std::uint64_t failures_ = 0;
};

} // namespace equinix::sts::core
