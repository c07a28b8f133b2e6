// The connections to one endpoint and the exchanges that want them: the shell around `pool_core`.
//
// One short lock over the bookkeeping. Under it nothing is called that could call back: what must be done
// outside (close connections, post completions, start connects, ask the user's classifier, tell the observer)
// is collected in an `aftermath` and carried out after the unlock. TLS and HTTP work is done without the lock
// by the thread that drives the connection.
//
// An attempt ends in one of three ways: its answer, its connection's failure, or `stop`. After a failure the
// exchange's `exchange_fsm` says whether it pauses and tries again. The exchange ends exactly once. Its
// caller is resumed by the handler of the connection that brought the answer, as by any handler of Asio's,
// and at the very end of that; in every other case it is posted, so that nothing nests.
//
// What ends an exchange, a connection or the pool needs no memory: lists are intrusive or spliced, errors go
// without their text where there is none. What cannot be posted for want of it is kept, and the sweep, which
// is armed while anything is under way, tries again.
//
// pool.cpp             exchanges and their attempts
// pool_subjects.cpp    asking for subject tokens
// pool_connections.cpp opening and driving connections
// pool_upkeep.cpp      time, warming up, reloading, the end
#pragma once

#include "base/lock.hpp"
#include "client/alarm.hpp"
#include "client/connection.hpp"
#include "client/context_registry.hpp"
#include "client/events.hpp"
#include "client/jitter.hpp"
#include "client/operation.hpp"
#include "core/pool_core.hpp"
#include "core/retry_policy.hpp"
#include "net/resolver.hpp"
#include "net/tls_context.hpp"

#include <equinix/sts/options.hpp>
#include <equinix/sts/stats.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/set.hpp>

#include <sys/types.h>

#include <list>
#include <memory>
#include <optional>

namespace equinix::sts::client_detail {

class pool final : public context_resident, public supplier_call::asker {
public:
    /// Throws `error` of kind `config` when the certificates or keys cannot be used. Must be owned by a
    /// shared pointer.
    pool(boost::asio::any_io_executor executor, client_options const& options);

    /// The same to somewhere else than `options.endpoint`, and with a resolver that others may use too.
    pool(boost::asio::any_io_executor executor, client_options const& options, net::destination to,
         std::shared_ptr<net::resolver> names = std::make_shared<net::resolver>());
    pool(pool const&) = delete;
    pool& operator=(pool const&) = delete;
    ~pool();

    /// Starts an exchange; `operation::caller` and `way` are set. Resumes the caller in any case.
    void start(operation& op) noexcept;

    /// Resumes the caller with an error: there is no memory to begin.
    void refuse(operation& op) noexcept;
    void refuse(guest& caller) noexcept;

    /// Ends an exchange, wherever it is. Nothing when it has ended already.
    void stop(operation& op, stop_reason why) noexcept;

    /// Ends an exchange, unless the service may have seen a part of it.
    void stop_if_unsent(operation& op) noexcept;

    /// Ends everything.
    void close() noexcept;

    /// Refuses new exchanges; resumes the caller when the last one has ended, after the time-out at the
    /// latest.
    void drain(guest& caller) noexcept;

    /// What the cancellation of a `drain` does.
    void close_for(guest&) noexcept { close(); }

    /// Opens connections until so many are open; resumes the caller then, its `failure` set when they are
    /// fewer.
    void warm_up(guest& caller) noexcept;

    /// Ends the wait of a `warm_up`.
    void leave(guest& caller) noexcept;

    /// Throws as the constructor does; then nothing has changed.
    void reload_certificates();

    sts::stats stats() const;

    std::shared_ptr<pool> shared_from_this() {
        return std::static_pointer_cast<pool>(context_resident::shared_from_this());
    }
    std::weak_ptr<pool> weak_from_this() { return shared_from_this(); }

    /// Empty once the context is gone.
    boost::asio::any_io_executor executor() const {
        base::mutex_lock const held(mutex_);
        return executor_;
    }

    /// Whether the context is gone; not known in a child of `fork()`.
    bool has_lost_context() const noexcept {
        if (!is_owner()) return false;
        base::mutex_lock const held(mutex_);
        return is_gone();
    }

    /// Whether exchanges may still be started on this context: it is not gone, nor another one at its
    /// address, nor a copy of it in a child of `fork()`.
    bool lives_on(boost::asio::execution_context& context) const;

private:
    using clock = base::clock;
    using connection_ptr = std::shared_ptr<connection>;
    using connections = std::list<connection_ptr>;
    using pausing_operations =
        boost::intrusive::multiset<operation, boost::intrusive::compare<by_resumption>>;

    using asking_operations = boost::intrusive::multiset<operation, boost::intrusive::compare<by_deadline>>;

    /// What is left to do once the lock is released.
    struct aftermath {
        std::list<std::shared_ptr<supplier_call>> calls; // to begin
        suspended_callers resume;
        core::pool_core::waiters failed; // operations whose attempt has failed, to be judged
        connections shut;
        connection_ptr drive;
        event_log events;
        std::optional<clock::time_point> time;

        /// One look at the clock for what is done in one go.
        clock::time_point now() noexcept {
            if (!time) time = clock::now();
            return *time;
        }
    };

    void context_gone() noexcept override STS_EXCLUDES(mutex_);
    void supplied(supplier_call& call, result<supplied_subject> answer) noexcept override
        STS_EXCLUDES(mutex_);

    // Exchanges and their attempts.
    suspended_caller* unlock_and_act(base::mutex_lock& held, aftermath& after,
                                     bool one_at_once = false) noexcept STS_RELEASES(mutex_);
    void before_unlock(aftermath& after) noexcept STS_REQUIRES(mutex_);
    suspended_caller* act(aftermath& after, bool one_at_once) noexcept STS_EXCLUDES(mutex_);
    void resume(suspended_callers& callers) noexcept STS_EXCLUDES(mutex_);
    void resume_at_once(suspended_caller& caller) noexcept STS_EXCLUDES(mutex_);
    void keep_undelivered(suspended_caller& caller) noexcept STS_REQUIRES(mutex_);
    void apply(core::pool_core::plan& plan, aftermath& after, error_info const& why_failed) noexcept
        STS_REQUIRES(mutex_);
    void begin_in_vain(operation& op, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void attempt_failed(operation& op, error_info why, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void judge_failures_unlocking(aftermath& after) noexcept STS_REQUIRES(mutex_);
    retry_decision classify(operation const& op) const noexcept;
    void finish(operation& op, error_info why, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void succeed(operation& op, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void leave(operation& op, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void ask(operation& op, aftermath& after) noexcept STS_REQUIRES(mutex_);
    operation& answered(supplier_call& call) noexcept STS_REQUIRES(mutex_);
    void begin_calls(std::list<std::shared_ptr<supplier_call>>& calls) noexcept STS_EXCLUDES(mutex_);
    void enqueue(operation& op, bool again, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void stop_locked(operation& op, stop_reason why, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void end_stopped(connection& it, operation& op, aftermath& after) noexcept STS_REQUIRES(mutex_);
    error_info stopped(operation const& op, stop_reason why) const noexcept STS_REQUIRES(mutex_);
    phase waiting_for() const noexcept STS_REQUIRES(mutex_);

    // Connections.
    void open_planned_unlocking() noexcept STS_REQUIRES(mutex_);
    void open_one() noexcept STS_EXCLUDES(mutex_);
    void give_up_opening(connection_ptr const& it) noexcept STS_EXCLUDES(mutex_);
    void connected(connection_ptr const& it, result<boost::asio::ip::tcp::socket> outcome) noexcept
        STS_EXCLUDES(mutex_);
    void open_failed(connection& it, error_info const& why, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void plan_failed(error_info const& why, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void retire(connection& it, aftermath& after) noexcept STS_REQUIRES(mutex_);
    suspended_caller* drive(connection_ptr const& it, bool one_at_once = false) noexcept STS_EXCLUDES(mutex_);
    void settle(connection& it, operation* served, step_result step, aftermath& after) noexcept
        STS_REQUIRES(mutex_);
    void opened(connection& it, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void broke(connection& it, operation& op, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void give_back(connection& it, core::pool_core::plan& plan, aftermath& after) noexcept
        STS_REQUIRES(mutex_);
    bool arm_unlocking(connection_ptr const& it, step_result step, aftermath& after) noexcept
        STS_REQUIRES(mutex_);
    void ready(connection_ptr const& it, bool readable) noexcept STS_EXCLUDES(mutex_);

    // Upkeep.
    void wake_by(clock::time_point deadline, clock::time_point now) noexcept STS_REQUIRES(mutex_);
    void wake_at(clock::time_point when) noexcept STS_REQUIRES(mutex_);
    friend class alarm<pool>;
    void rang(std::uint64_t generation) noexcept STS_EXCLUDES(mutex_);
    bool resume_one_paused() noexcept STS_EXCLUDES(mutex_);
    connection* first_overdue(clock::time_point now, clock::time_point& next) noexcept STS_REQUIRES(mutex_);
    void end_overdue(connection& it, clock::time_point now, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void settle_guests(aftermath& after) noexcept STS_REQUIRES(mutex_);
    void dismiss(guest& one, aftermath& after) noexcept STS_REQUIRES(mutex_);
    void close_locked(aftermath& after) noexcept STS_REQUIRES(mutex_);
    bool is_owner() const noexcept;
    bool is_gone() const noexcept STS_REQUIRES(mutex_) { return gone_; }

    client_options const options_;
    event_teller const tell_{options_.observer};
    net::destination const origin_;
    boost::asio::any_io_executor executor_ STS_GUARDED_BY(mutex_);
    std::shared_ptr<net::tls_context const> tls_ STS_GUARDED_BY(mutex_);
    std::shared_ptr<net::resolver> const names_;
    std::shared_ptr<context_residents> const residents_;
    bool gone_ STS_GUARDED_BY(mutex_) = false; ///< the context
    bool const resumes_at_once_; // not from within a strand of the program's, which others wait for
    pid_t const owner_;

    base::mutex reloading_; // one at a time, so that the newest files stay
    mutable base::mutex mutex_;
    core::pool_core core_ STS_GUARDED_BY(mutex_);
    connections
        connections_ STS_GUARDED_BY(mutex_); // those that are doomed too, until their driver ends them
    asking_operations asking_ STS_GUARDED_BY(mutex_);
    pausing_operations pausing_ STS_GUARDED_BY(mutex_);
    base::wiped_buffer spare_ STS_GUARDED_BY(mutex_); // for the next request, empty
    core::retry_budget budget_ STS_GUARDED_BY(mutex_);
    jitter random_ STS_GUARDED_BY(mutex_);
    std::size_t in_flight_ STS_GUARDED_BY(mutex_) = 0;
    std::size_t to_open_ STS_GUARDED_BY(mutex_) = 0; // planned and not begun yet
    bool closed_ STS_GUARDED_BY(mutex_) = false;
    bool draining_ STS_GUARDED_BY(mutex_) = false;
    clock::time_point drain_deadline_ STS_GUARDED_BY(mutex_) = clock::time_point::max();
    boost::intrusive::list<guest> guests_ STS_GUARDED_BY(mutex_);
    suspended_callers undelivered_ STS_GUARDED_BY(mutex_);

    alarm<pool> sweep_ STS_GUARDED_BY(mutex_);

    sts::stats counted_ STS_GUARDED_BY(mutex_); // what only grows
    std::uint64_t exchanges_begun_ STS_GUARDED_BY(mutex_) = 0;
    std::uint64_t connections_begun_ STS_GUARDED_BY(mutex_) = 0;
    boost::asio::ip::tcp::endpoint last_address_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::client_detail
