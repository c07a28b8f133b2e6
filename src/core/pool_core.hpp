// Which exchange gets which connection, and when connections are opened or dropped. Bookkeeping only, without
// I/O, a clock or a lock.
//
// Vocabulary
//   slot     an open connection: idle (in the pool's stack) or leased. Its capacity is how many
//            exchanges it carries at a time: 1 with HTTP/1.1, the number of streams with HTTP/2
//   roomy    a leased slot that could carry more exchanges
//   full     a leased slot that several share, and that carries as many as it may
//   opening  a connection that was planned and has neither opened nor failed yet; the core only counts them
//   waiter   an exchange that has no connection yet
//   plan     what the caller must do after an event. Events only change the bookkeeping and write the plan
//
// Invariants
//   idle + leased + opening <= max_connections;  opening <= max_opening
//   a waiter is queued only while no idle or roomy slot would serve it
//
// Which protocol the peer speaks is known once a connection is open. Until then one is opened where it may be
// one that many share, and the waiters wait for what it turns out to be.
//
// While openings fail, they are spaced: a waiter for which one has failed waits for the next, and one is
// tried at a time, after waits that grow. A waiter that has just arrived does not wait for that, unless a
// leased connection will return to serve it.
//
// Many servers end a connection after so many requests. How many is learned from the first that ends so; from
// then on the successor of a connection is opened before.
//
// Waiters are served in order of arrival. Roomy slots are taken before idle ones, and both last in, first
// out, so that the stack is sorted by idle time, and the surplus of a past peak ages and is dropped.
#pragma once

#include "base/saturating.hpp"
#include "core/address_book.hpp"

#include <equinix/sts/options.hpp>

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace equinix::sts::core {

struct pool_slot;

/// An exchange, as the pool sees it. Its owner keeps it alive while it is queued.
struct pool_waiter : boost::intrusive::list_base_hook<> {
    base::clock::time_point deadline = base::clock::time_point::max();
    bool fresh_only = false; ///< must not get a connection that may have been closed unnoticed
    bool queued = false;
    bool returned = false;           ///< was a waiter before, and precedes those that were not
    bool unserved = false;           ///< an opening has failed for it
    bool reused = false;             ///< its slot is: see there. Of the moment when it got the slot
    pool_slot* slot = nullptr;       ///< in a plan: what it gets
    base::clock::time_point since{}; ///< when it was queued last

    /// The failure count at which every connect in progress when it arrived has failed.
    std::uint64_t gives_up_at = 0;
};

/// A connection, as the pool sees it. Its owner keeps it alive while it is idle or leased.
struct pool_slot : boost::intrusive::list_base_hook<> {
    enum class state {
        unknown, ///< not open yet, or no longer
        idle,    ///< may be leased
        leased   ///< serves at least one exchange
    };

    state is = state::unknown;
    bool drains = false;  ///< takes no further exchange
    bool shared = false;  ///< carries several exchanges at a time, whatever its capacity is now
    bool suspect = false; ///< brought an error of the server last: a new connection may do better
    bool reused = false;  ///< not leased straight after its opening: the peer may have closed it meanwhile
    std::size_t capacity = 1; ///< how many exchanges it carries at a time
    std::size_t in_use = 0;   ///< how many it carries
    bool is_full = false;     ///< is among those
    std::size_t uses = 0;
    address_bytes address{}; ///< where it leads
    base::clock::time_point born{};
    base::clock::time_point idle_since{};
};

class pool_core {
public:
    using waiters = boost::intrusive::list<pool_waiter>;
    using slots = boost::intrusive::list<pool_slot>;

    /// What to do after an event. Waiters and slots in a plan are in no list of the core any longer.
    struct plan {
        waiters to;           ///< each gets its `slot`, or a stream of it
        std::size_t open = 0; ///< start this many connections
        slots drop;           ///< close these connections
        waiters fail;         ///< end these waiters, for the reason that the event implies
        bool early = false;   ///< of `open_failed`: others are waiting for a later opening
    };

    /// `protocol_known`: every connection carries one exchange at a time.
    pool_core(pool_options const& limits, retry_options const& pace, bool protocol_known = true)
        : limits_(limits), first_wait_(pace.base_delay), longest_wait_(pace.max_delay),
          served_by_one_(protocol_known ? 1 : 0) {}

    /// An exchange needs a connection. Returns false and does nothing when too many wait already. `front`: it
    /// had a connection before, so it is next.
    bool acquire(pool_waiter& waiter, base::clock::time_point now, plan& out, bool front = false);

    /// A queued waiter leaves. A connection that is being opened will serve the next one.
    void abandon(pool_waiter& waiter) noexcept;

    /// A planned connection is open. Its capacity is set.
    void opened(pool_slot& slot, base::clock::time_point now, plan& out);

    /// The peer of an open connection has changed how many exchanges it carries at a time.
    void capacity_changed(pool_slot& slot, std::size_t capacity, base::clock::time_point now, plan& out);

    /// An open connection takes no further exchange. It is dropped once it carries none.
    void drained(pool_slot& slot, base::clock::time_point now, plan& out);

    /// The peer of an open connection has said in order that it takes no further exchange. To be followed by
    /// `drained` or `lost`.
    void peer_ends(pool_slot const& slot) noexcept;

    /// A planned connection could not be opened. Fails the waiters for which every connect in progress at
    /// their arrival has failed, unless an open connection will return to serve them. `random` is uniformly
    /// distributed over its range.
    void open_failed(base::clock::time_point now, std::uint32_t random, plan& out);

    /// A planned connection is open, but cannot be used any longer.
    void open_wasted(base::clock::time_point now, plan& out);

    /// Opens connections until `connections` are open or being opened. A connection that fails or ends later
    /// is not opened again for this.
    void warm_up(std::size_t connections, base::clock::time_point now, plan& out);

    /// Begins no further connections for `warm_up`.
    void stop_warming() noexcept { extra_ = 0; }

    /// An exchange on a leased connection is over, and the connection may serve another. A suspect one serves
    /// after the others, and no longer once a new connection has served well.
    void returned(pool_slot& slot, base::clock::time_point now, plan& out);

    /// An idle or leased connection has ended, and with it what it carried.
    void lost(pool_slot& slot, base::clock::time_point now, plan& out);

    /// An exchange on a leased connection has timed out. If the connection was reused, drops the idle ones
    /// that are as old or older: the network may have forgotten all of them.
    void doubt(pool_slot const& slot, plan& out);

    /// Drops the idle connections to an address; those that several share take no further exchange.
    void drop_idle_at(address_bytes const& address, plan& out);

    /// Time has passed: fails the waiters whose deadline is over, drops idle connections that are too old,
    /// and opens connections for the remaining waiters.
    void tick(base::clock::time_point now, plan& out);

    /// Fails every waiter and drops every idle connection. The caller must end those leased and those
    /// opening.
    void close(plan& out);

    /// Drops every idle connection; those that several share take no further exchange.
    void drop_idle(plan& out);

    /// When the next idle connection becomes too old; the largest time point when there is none.
    base::clock::time_point next_expiry() const noexcept;

    /// Until when openings are spaced; in the past if they are not.
    base::clock::time_point opens_again_at() const noexcept {
        return failed_waits_ != 0 ? open_again_at_ : base::clock::time_point::min();
    }

    /// When the next connection is to be opened for the waiters, if openings are spaced; otherwise the
    /// largest time point.
    base::clock::time_point next_opening() const noexcept;

    std::size_t idle() const noexcept { return idle_.size(); }
    std::size_t leased() const noexcept { return leased_; }
    std::size_t opening() const noexcept { return opening_; }
    std::size_t waiting() const noexcept { return waiting_.size(); }
    std::size_t open() const noexcept { return idle_.size() + leased_; }

    /// Whether so many exchanges are in flight that several answers are likely to arrive at once.
    bool serves_several() const noexcept { return leased_ >= several; }

    /// Whether connections of a warm-up remain to be begun, or any connection is being opened.
    bool is_opening() const noexcept { return opening_ != 0 || extra_ != 0; }

private:
    static constexpr std::size_t several = 4;
    static constexpr std::size_t least_learned = 50; // a server that ends one sooner has another reason

    bool expired(pool_slot const& slot, base::clock::time_point now) const noexcept;
    base::clock::time_point expiry(pool_slot const& slot) const noexcept;
    bool is_used_up(pool_slot const& slot, base::clock::time_point now) const noexcept;
    bool may_serve(pool_slot const& slot, pool_waiter const& waiter) const noexcept;
    void lease(pool_slot& slot, base::clock::time_point now) noexcept;
    void plan_successor(pool_slot const& slot) noexcept;
    void serve(pool_slot& slot, base::clock::time_point now, plan& out);
    bool take_room(pool_waiter& waiter, base::clock::time_point now, plan& out);
    void leave_lists(pool_slot& slot) noexcept;
    void drain(pool_slot& slot) noexcept;
    void make_way() noexcept;
    void left(pool_slot& slot) noexcept;
    void offer(pool_slot& slot, base::clock::time_point now, plan& out);
    void enqueue(waiters::iterator before, pool_waiter& waiter) noexcept;
    void dequeue(pool_waiter& waiter) noexcept;
    std::size_t openings_wanted(base::clock::time_point now) const noexcept;
    void open_more(base::clock::time_point now, plan& out) noexcept;
    void drop_oldest(plan& out) noexcept;
    template <class Predicate>
    void drop_idle_if(Predicate matches, plan& out);
    void fail(pool_waiter& waiter, plan& out);
    static void hand(pool_slot& slot, pool_waiter& waiter, plan& out) noexcept;
    template <class Predicate>
    void drain_if(Predicate matches) noexcept;
    void check() const noexcept; // asserts the invariants, after each event

    pool_options const limits_;
    std::chrono::nanoseconds const first_wait_;
    std::chrono::nanoseconds const longest_wait_;
    std::size_t served_by_one_; // exchanges by one connection, as far as known; 0: not known
    slots idle_;                // the oldest in front
    slots roomy_, full_;
    pool_slot const* making_way_ = nullptr; // drains so that another connection can be opened
    waiters waiting_;
    std::size_t unserved_ = 0;       // of those waiting
    std::size_t fresh_arrivals_ = 0; // of those waiting: not unserved, and not served by a leased connection
    std::size_t leased_ = 0;
    std::size_t opening_ = 0;
    std::size_t extra_ = 0;        // connections to be opened that no waiter has asked for
    std::size_t uses_by_peer_ = 0; // after how many a peer has ended a connection; 0: not known
    unsigned failed_waits_ = 0;    // how often openings were spaced since one succeeded
    base::clock::time_point open_again_at_{};
    std::uint64_t failures_ = 0;
};

} // namespace equinix::sts::core
