// The connections that a pool watches with an epoll set of its own, once several exchanges are in flight.
//
// An exchange that a resumed caller starts on a watched connection is sent after the next look at the set.
// That look replaces the one at the connection itself: what arrived between two exchanges is found by it, and
// is never taken for the second one's answer.
//
// One handler serves all that a look has found. Where several threads run the handlers, another one helps, so
// that a caller which holds up its thread holds up no other caller.
#pragma once

#include "base/lock.hpp"
#include "client/connection.hpp"
#include "client/socket_watch.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace equinix::sts::client_detail {

class watched_connections {
public:
    using connection_ptr = std::shared_ptr<connection>;

    /// The pool, as seen from here.
    class owner {
    public:
        virtual std::shared_ptr<owner> share() noexcept = 0;

        /// Drives a connection. From a handler it may return a caller, which the handler then resumes.
        virtual suspended_caller* drive(connection_ptr const& conn, bool in_handler) noexcept = 0;

        /// Called with the lock held: the caller could not be resumed, and is to be resumed later.
        virtual void keep_undelivered(suspended_caller& caller) noexcept = 0;

        /// Called with the lock held: `serve_meanwhile` is to be called soon.
        virtual void wake_soon() noexcept = 0;

    protected:
        ~owner() = default;
    };

    /// Shares the owner's lock and executor, which must outlive it.
    watched_connections(owner& whose, base::mutex& lock, boost::asio::any_io_executor const& executor,
                        bool thread_safe) noexcept
        : owner_(whose), mutex(lock), executor_(executor), thread_safe_(thread_safe) {}

    /// A handler of the pool is running. Requires the lock.
    void note_thread() noexcept;

    /// Moves a connection into the set, if it can be. Nothing may be waiting for it. Requires the lock.
    void add(connection& conn) noexcept;

    /// To be called before the connection is shut. `ours`: this is not a child of `fork()`, which shares the
    /// set with its parent.
    void remove(connection& conn, bool ours) noexcept STS_EXCLUDES(mutex);

    /// Sees to it that a connection in the set is heard. Requires the lock.
    void wait_for(connection& conn, bool writing) noexcept;

    /// Has a connection in the set driven after `core::look_pace::rest`, whatever arrives until then.
    /// Requires the lock.
    void rest(connection& conn) noexcept;

    /// Whether the exchange on this connection is sent after the next look.
    bool postpone(connection_ptr const& conn) noexcept STS_EXCLUDES(mutex);

    /// A caller that a handler has resumed may hold up its thread, or run the context itself, and wait for
    /// what was postponed or found: the owner's timer calls this.
    void serve_meanwhile() noexcept STS_EXCLUDES(mutex);

    /// The context is gone. Returns what lives on it, to be destroyed without the lock. Requires the lock.
    std::unique_ptr<socket_watch> give_up() noexcept;

private:
    void drop_empty_set() noexcept STS_REQUIRES(mutex);
    void arm() noexcept STS_REQUIRES(mutex);
    void send_postponed(bool look_first) noexcept STS_EXCLUDES(mutex);
    bool look() noexcept STS_REQUIRES(mutex);
    void call_for_help() noexcept STS_REQUIRES(mutex);
    connection_ptr next_heard() noexcept STS_EXCLUDES(mutex);
    bool serve_heard() noexcept STS_EXCLUDES(mutex);
    void on_readable(unsigned number) noexcept STS_EXCLUDES(mutex);
    void help() noexcept STS_EXCLUDES(mutex);
    void serve() noexcept STS_EXCLUDES(mutex);
    void on_rested(unsigned number) noexcept STS_EXCLUDES(mutex);
    void drive(connection_ptr const& conn) noexcept STS_EXCLUDES(mutex);

    owner& owner_;
    base::mutex& mutex;
    boost::asio::any_io_executor const& executor_ STS_GUARDED_BY(mutex);
    bool const thread_safe_;

    std::unique_ptr<socket_watch> set_ STS_GUARDED_BY(mutex);
    unsigned number_ STS_GUARDED_BY(mutex) = 0;               // of the set
    bool armed_ STS_GUARDED_BY(mutex) = false;                // a wait for it is in progress
    std::thread::id working_thread_ STS_GUARDED_BY(mutex);    // the first to run a handler
    bool several_threads_ STS_GUARDED_BY(mutex) = false;      // run them
    bool help_called_ STS_GUARDED_BY(mutex) = false;          // a handler is posted that serves, too
    std::vector<connection_ptr> heard_ STS_GUARDED_BY(mutex); // found by the last look
    std::size_t heard_next_ STS_GUARDED_BY(mutex) = 0;        // the first of them that is not served yet
    std::vector<connection_ptr> postponed_ STS_GUARDED_BY(mutex);
    std::vector<connection_ptr> resting_ STS_GUARDED_BY(mutex); // a timer runs unless it is empty
};

} // namespace equinix::sts::client_detail
