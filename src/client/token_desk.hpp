// Keeps tokens, for one key or many, with the callers that wait for them and the exchanges that fetch them. A
// token source has a desk with one entry, a token cache one with many. The `token_fsm` of an entry decides
// what happens to its token: the desk reports events to it (`advance`) and performs what it returns.
//
// Vocabulary
//   entry           the token of a key, its `token_fsm`, and its waiters
//   waiter          a caller that waits for a token
//   flight, turn    as in `token_fsm`
//
// token_desk.cpp          callers
// token_desk_flights.cpp  flights
// token_desk_upkeep.cpp   time, the end
#pragma once

#include "client/client_handle.hpp"
#include "client/home.hpp"
#include "client/store_link.hpp"
#include "client/token_flight.hpp"
#include "client/token_view.hpp"
#include "core/token_fsm.hpp"

#include <equinix/sts/refresh.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <list>
#include <memory>
#include <optional>

namespace equinix::sts::client_detail {

struct token_entry;

/// Lives in the coroutine of a caller.
struct token_waiter : boost::intrusive::list_base_hook<>, boost::intrusive::set_base_hook<> {
    std::chrono::nanoseconds limit{}; ///< of its wait
    base::clock::time_point deadline = base::clock::time_point::max();
    token_entry* entry = nullptr; ///< while it waits
    bool is_limited = false;      ///< its time is not extended: it is the caller's own, or has been extended
    token_ptr got;
    std::optional<error_info> failure;
    suspended_caller caller;
};

struct waiter_by_deadline {
    bool operator()(token_waiter const& a, token_waiter const& b) const noexcept {
        return a.deadline < b.deadline;
    }
};

using queue_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct in_queue>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// What most keys never have.
struct entry_extras {
    std::uint64_t failed = 0, refused = 0, invalidated = 0, not_invalidated = 0; ///< as in `token_stats`
    std::optional<error_info> last_error;
    secret refused_subject; ///< the subject token that the service has refused for good
    secret invalid_token;   ///< the token that was invalidated last, until there is another
    std::unique_ptr<store_stats> store;
    bool is_unshared = false; ///< its tokens are bound to what only this process has
};

struct token_entry : queue_hook {
    explicit token_entry(exchange_request what) : request(std::move(what)) {}
    token_entry(token_entry const&) = delete;
    token_entry& operator=(token_entry const&) = delete;
    virtual ~token_entry() = default;

    /// Whether nothing of the desk points to it.
    bool is_idle() const noexcept { return waiters.empty() && fsm.is_idle() && tails == 0; }

    exchange_request const request;
    core::token_fsm fsm;
    token_ptr held;
    boost::intrusive::list<token_waiter, boost::intrusive::constant_time_size<false>> waiters;
    std::shared_ptr<token_flight> flight; ///< the current one

    std::uint32_t misses = 0, fetches = 0, refreshed = 0; ///< as in `token_stats`
    unsigned tails = 0;                                   ///< flights that have landed and are not finished
    std::unique_ptr<entry_extras> extras;
};

/// What a desk has left to do once the lock is released.
struct token_actions : home_actions {
    std::shared_ptr<token_flight> begin, cancel; // linked lists
    std::shared_ptr<access::handle> let_go;
    token_ptr forgotten;
    std::unique_ptr<token_entry> evicted;             // with its request, whose supplier is the user's
    std::list<std::shared_ptr<token_flight>> flights; // whose context is gone
};

/// What a desk needs besides its options.
struct desk_terms {
    boost::asio::any_io_executor executor;
    bool thread_safe = true;
    std::chrono::nanoseconds timeout{}; ///< of a request that has none
    sts::observer observer;
    std::shared_ptr<access::handle> client; ///< makes the exchanges; null if something else gets the tokens
};

/// Throws when the client's context is gone.
desk_terms terms_of(std::shared_ptr<access::handle> client);

class token_desk : public home<token_actions>, public certificate_user {
public:
    token_desk(desk_terms terms, refresh_options const& options, std::size_t max_in_flight);

    std::shared_ptr<token_desk> shared_from_this() {
        return std::static_pointer_cast<token_desk>(context_home::shared_from_this());
    }
    std::weak_ptr<token_desk> weak_from_this() { return shared_from_this(); }

    /// Gives up every token.
    void certificate_changed() noexcept override STS_EXCLUDES(mutex);

    /// Queues the waiter, or gives it the token that is there; always resumes it. Requires the lock.
    void add_waiter(token_entry& entry, token_waiter& waiter, token_actions& todo) noexcept
        STS_REQUIRES(mutex);

    /// Whether the desk is closed to new callers; if so, the waiter gets an error. Requires the lock.
    bool turns_away(token_waiter& waiter, token_actions& todo) noexcept STS_REQUIRES(mutex);

    void invalidate(token_entry& entry, token const& refused, token_actions& todo) noexcept
        STS_REQUIRES(mutex);

    /// Ends a waiter's wait. Does nothing when it has ended.
    void leave(token_waiter& waiter) noexcept STS_EXCLUDES(mutex);

    /// Resumes the waiter with an error because there is no memory to begin.
    void refuse(token_waiter& waiter) noexcept STS_EXCLUDES(mutex);

    token_stats numbers(token_entry const& entry) STS_REQUIRES(mutex);
    std::chrono::nanoseconds wait_of(exchange_request const& request) const noexcept;

    /// The source's name as the observer sees it; null if it has none.
    std::shared_ptr<std::string const> const& name() const noexcept { return name_; }

    /// Whether there is an observer, who is told of each hit.
    bool is_observed() const noexcept { return static_cast<bool>(observer_); }
    void tell_hit(exchange_request const& request) const noexcept;

    /// Fetches a new token in the background if this one is due. Requires the lock.
    void refresh(token_entry& entry, time_stamp now, token_actions& todo) noexcept STS_REQUIRES(mutex);

    /// A flight has ended.
    void landed(token_flight& flight) noexcept STS_EXCLUDES(mutex);

    /// A flight with a tail has nothing more to do, usually after it has landed.
    void finished(token_flight& flight) noexcept STS_EXCLUDES(mutex);

    /// A flight with a store begins its exchange.
    void exchange_begun(token_flight const& flight) noexcept STS_EXCLUDES(mutex);

    /// What a flight has seen of the store: notes of `core::store_fsm`.
    void saw(token_flight const& flight, unsigned notes) noexcept STS_EXCLUDES(mutex);
    void store_worked(token_flight const& flight) noexcept STS_EXCLUDES(mutex); ///< after a failure
    void store_failed(token_flight const& flight, error_info const& why, bool given_up) noexcept
        STS_EXCLUDES(mutex);

protected:
    /// The statistics of all entries together. Requires the lock.
    token_stats totals() const STS_REQUIRES(mutex) {
        auto out = counted_;
        out.waiting = waiting_.size();
        out.in_flight = flights_.size();
        return out;
    }

    virtual std::shared_ptr<token_flight> flight_for(token_entry& entry) STS_REQUIRES(mutex);

    /// Holds a token that no flight has brought.
    void adopt(token_entry& entry, token_ptr fresh) noexcept STS_REQUIRES(mutex);

    /// An entry has become idle, or is about to be destroyed. Called with the lock held.
    virtual void idle(token_entry&) noexcept STS_REQUIRES(mutex) {}
    virtual void busy(token_entry&) noexcept STS_REQUIRES(mutex) {}

    /// The last flight of an erased entry has ended. Called with the lock held.
    virtual void gone(token_entry&, token_actions&) noexcept STS_REQUIRES(mutex) {}

    /// Drops the token of an entry that has no waiters, and ends what is in progress for it. Requires the
    /// lock.
    void erase_token(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex);

    /// Takes an entry out of the background queue that is idle afterwards; null when there is none. Requires
    /// the lock.
    token_entry* take_from_background() noexcept STS_REQUIRES(mutex);

    /// Drops the token of an entry.
    void forget(token_entry& entry) noexcept STS_REQUIRES(mutex);

    /// All entries are to be forgotten. Called with the lock held.
    virtual void forget_all() noexcept STS_REQUIRES(mutex) = 0;

    /// All entries are to be given to `rekey`. Called with the lock held.
    virtual void rekey_all(token_actions& todo) noexcept STS_REQUIRES(mutex) = 0;

    /// Gives up the token, and those that are being fetched; callers that wait get a later one.
    void rekey(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex);

    /// The entry whose token a timer refreshes while it is in use, or null.
    virtual token_entry* kept_fresh() noexcept STS_REQUIRES(mutex) { return nullptr; }

    // What callers see without the lock. Called with the lock held.

    /// Another token, or none. `used`: a caller is about to get it.
    virtual void show(token_entry& entry, bool used) noexcept STS_REQUIRES(mutex) = 0;
    virtual void show_due(token_entry& entry, time_stamp due) noexcept STS_REQUIRES(mutex) = 0;

    /// A caller that has taken the lock got the token.
    virtual void count_hit(token_entry& entry) noexcept STS_REQUIRES(mutex) = 0;
    virtual std::uint64_t hits_of(token_entry const& entry) noexcept STS_REQUIRES(mutex) = 0;

    /// Whether a caller has taken the token that `kept_fresh` has.
    virtual bool was_used() noexcept STS_REQUIRES(mutex) { return false; }

    token_stats counted_ STS_GUARDED_BY(mutex); ///< of all entries together

private:
    using queue = boost::intrusive::list<token_entry, boost::intrusive::base_hook<queue_hook>,
                                         boost::intrusive::constant_time_size<false>>;

    // Overrides of `home`.
    void work_off_unlocking(token_actions& todo) noexcept override STS_REQUIRES(mutex);
    bool is_drained() const noexcept override STS_REQUIRES(mutex) { return waiting_.empty(); }
    bool has_ended() const noexcept override STS_REQUIRES(mutex) { return flights_.empty() && tails_ == 0; }
    void before_unlock_unlocking(token_actions&) noexcept override STS_REQUIRES(mutex);
    void act(token_actions& todo) noexcept override STS_EXCLUDES(mutex);
    void end(token_actions& todo) noexcept override STS_REQUIRES(mutex);
    void pass_time(token_actions& todo) noexcept override STS_REQUIRES(mutex);
    void give_up(suspended_callers& callers, token_actions& todo) noexcept override STS_REQUIRES(mutex);
    void let_go(token_actions& todo) noexcept override STS_EXCLUDES(mutex) { todo.flights.clear(); }

    using event = core::token_fsm::event;

    core::token_fsm::step advance(token_entry& entry, event const& what, token_actions& todo) noexcept
        STS_REQUIRES(mutex);
    token_ptr serve(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void give_turns(token_actions& todo) noexcept STS_REQUIRES(mutex);
    void begin(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void leave_queue(token_entry& entry) noexcept STS_REQUIRES(mutex);
    void leave_queues(token_actions& todo) noexcept STS_REQUIRES(mutex);
    bool is_about_to_hear(token_waiter const& one, base::clock::time_point now) const noexcept
        STS_REQUIRES(mutex);
    void dismiss(token_waiter& waiter, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void left(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void answer_all(token_entry& entry, token_ptr const& got, error_info const& why,
                    token_actions& todo) noexcept STS_REQUIRES(mutex);
    void land(token_flight& flight, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void rest(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void abandon(token_flight& flight, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void accept(token_entry& entry, token_flight& flight, token_actions& todo) noexcept STS_REQUIRES(mutex);
    void fail(token_entry& entry, token_flight& flight, token_actions& todo) noexcept STS_REQUIRES(mutex);
    static store_stats* store_numbers_of(token_entry& entry) noexcept;
    static entry_extras* extras_of(token_entry& entry) noexcept;
    static error_info const* last_error_of(token_entry const& entry) noexcept {
        return entry.extras && entry.extras->last_error ? &*entry.extras->last_error : nullptr;
    }
    void publish(token_entry& entry) noexcept STS_REQUIRES(mutex);
    void publish_due(token_entry& entry) noexcept STS_REQUIRES(mutex);
    void count_exchange(token_entry& entry) noexcept STS_REQUIRES(mutex);
    bool shares(token_entry const& entry) const noexcept STS_REQUIRES(mutex);
    void note_unshared(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex);
    static sts::event event_of(event_type what, token_entry const& entry) noexcept;
    void tell(event_type what, token_entry const& entry, token_actions& todo) const noexcept;
    static error_info closed_error() noexcept;

    std::shared_ptr<access::handle> client_ STS_GUARDED_BY(mutex); // null once closed, or without a client
    refresh_options const options_;
    std::size_t const max_in_flight_;
    std::chrono::nanoseconds const timeout_;
    std::shared_ptr<store_link> const link_; ///< null without a store
    sts::observer const observer_;
    std::shared_ptr<std::string const> const name_; ///< for the observer; null without one

    boost::intrusive::multiset<token_waiter, boost::intrusive::compare<waiter_by_deadline>>
        waiting_ STS_GUARDED_BY(mutex);
    queue awaited_ STS_GUARDED_BY(mutex);
    queue background_ STS_GUARDED_BY(mutex);
    std::list<std::shared_ptr<token_flight>> flights_ STS_GUARDED_BY(mutex);
    std::size_t tails_ STS_GUARDED_BY(mutex) = 0; ///< of flights that have landed
    base::clock::time_point
        due_seen_ STS_GUARDED_BY(mutex) = base::clock::time_point::min(); ///< of the entry kept fresh
};

} // namespace equinix::sts::client_detail
