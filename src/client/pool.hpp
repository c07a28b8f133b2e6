// The connections to one endpoint, and the exchanges that need them: the shell around `pool_core`.
//
// The driver of a connection does TLS and HTTP work without the lock.
//
// The `exchange_fsm` of an exchange decides what happens to it: the pool reports events to it (`advance`) and
// performs the action that it returns (`perform`). The caller is resumed by the handler of the connection
// that received the answer, as by any Asio handler, as the last thing that handler does. In every other case
// the resumption is posted, so that nothing nests.
//
// Ending an exchange, a connection or the pool needs no memory: errors lose their text when memory runs out.
//
// pool.cpp             exchanges and their attempts
// pool_calls.cpp       asking for subject tokens, having signatures made
// pool_openings.cpp    opening connections
// pool_connections.cpp driving them
// pool_streams.cpp     connections that several exchanges share
// pool_upkeep.cpp      time, warming up, reloading, the end
#pragma once

#include "client/connection.hpp"
#include "client/home.hpp"
#include "client/operation.hpp"
#include "client/pool_events.hpp"
#include "client/signing_call.hpp"
#include "client/warm_ups.hpp"
#include "client/watched_connections.hpp"
#include "core/failed_opening.hpp"
#include "core/pool_core.hpp"
#include "core/retry_policy.hpp"
#include "net/resolver.hpp"
#include "net/tls_context.hpp"

#include <equinix/sts/options.hpp>
#include <equinix/sts/stats.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/set.hpp>

#include <list>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace equinix::sts::client_detail {

/// What a pool has left to do once the lock is released.
struct pool_actions : home_actions {
    std::list<std::shared_ptr<outside_call>> calls; // to be begun
    core::pool_core::waiters failed;                // operations whose attempt has failed, to be classified
    std::list<std::shared_ptr<connection>> shut;
    std::unique_ptr<socket_watch> watch; // its context is gone
    std::shared_ptr<connection> drive;
    std::optional<replacement> open_again;
    suspended_caller* resume_inline = nullptr; // by a handler, as the last thing it does
    bool in_handler = false;                   // so that `resume_inline` may be set
    std::optional<base::clock::time_point> time;

    /// Reads the clock once for everything done in one go.
    base::clock::time_point now() noexcept {
        if (!time) time = base::clock::now();
        return *time;
    }
};

class pool final : public home<pool_actions>, public outside_call::asker, public watched_connections::owner {
public:
    /// Throws `error` of kind `config` when the certificates or keys cannot be used. Must be owned by a
    /// shared pointer.
    pool(boost::asio::any_io_executor executor, client_options const& options);

    /// Connects to somewhere other than `options.endpoint`, with a resolver that may be shared.
    pool(boost::asio::any_io_executor executor, client_options const& options, net::destination to,
         std::shared_ptr<net::resolver> names = std::make_shared<net::resolver>());
    ~pool() override { leave_context(); }

    /// Starts an exchange; `operation::caller` and `fsm` must be set. Always resumes the caller.
    void start(operation& op) noexcept;

    /// Resumes the caller with an error because there is no memory to begin.
    void refuse(operation& op) noexcept;

    /// Ends an exchange in any state. Does nothing when it has ended already.
    void stop(operation& op, stop_reason why) noexcept;

    /// Ends an exchange unless the service may have seen a part of it.
    void stop_if_unsent(operation& op) noexcept;

    /// Opens connections until this many are open, then resumes the caller; `failure` is set when they are
    /// fewer.
    void warm_up(warm_up_waiter& one) noexcept;

    /// Ends the wait of a `warm_up`.
    void leave(warm_up_waiter& one) noexcept;

    /// Returns whether a client certificate was replaced. Throws like the constructor; nothing has changed
    /// then.
    bool reload_certificates();

    sts::stats stats() const;

    std::shared_ptr<pool> shared_from_this() {
        return std::static_pointer_cast<pool>(context_home::shared_from_this());
    }
    std::weak_ptr<pool> weak_from_this() { return shared_from_this(); }

    /// Empty once the context is gone.
    boost::asio::any_io_executor executor() const {
        base::mutex_lock const held(mutex);
        return executor_;
    }

    /// Whether the context is gone; unknown (false) in a child of `fork()`.
    bool has_lost_context() const noexcept {
        if (!is_owner()) return false;
        base::mutex_lock const held(mutex);
        return gone_;
    }

    /// Whether exchanges may still be started on this context: it is not gone, it is not another context at
    /// the same address, and this is not a copy of it in a child of `fork()`.
    bool lives_on(boost::asio::execution_context& context) const;

private:
    using clock = base::clock;
    using actions = pool_actions;
    using event = core::exchange_fsm::event;
    using connection_ptr = std::shared_ptr<connection>;
    using connections = std::list<connection_ptr>;
    using pausing_operations =
        boost::intrusive::multiset<operation, boost::intrusive::compare<by_resumption>>;

    using asking_operations = boost::intrusive::multiset<operation, boost::intrusive::compare<by_deadline>>;

    // Overrides of `home`.
    void work_off_unlocking(actions& todo) noexcept override STS_REQUIRES(mutex) {
        judge_failures_unlocking(todo);
    }
    bool is_drained() const noexcept override STS_REQUIRES(mutex) { return in_flight_ == 0; }
    bool has_ended() const noexcept override STS_REQUIRES(mutex) { return in_flight_ == 0; }
    void before_unlock_unlocking(actions& todo) noexcept override STS_REQUIRES(mutex);
    void act(actions& todo) noexcept override STS_EXCLUDES(mutex);
    void end(actions& todo) noexcept override STS_REQUIRES(mutex);
    void before_time() noexcept override STS_EXCLUDES(mutex);
    void pass_time(actions& todo) noexcept override STS_REQUIRES(mutex);
    void give_up(suspended_callers& callers, actions& todo) noexcept override STS_REQUIRES(mutex);
    void let_go(actions& todo) noexcept override STS_EXCLUDES(mutex);

    // Overrides of `outside_call::asker`.
    void supplied(outside_call& call, result<supplied_subject> answer) noexcept override STS_EXCLUDES(mutex);
    void signed_by(outside_call& call, result<core::signatures> answer) noexcept override STS_EXCLUDES(mutex);

    // Overrides of `watched_connections::owner`.
    std::shared_ptr<watched_connections::owner> share() noexcept override { return shared_from_this(); }
    suspended_caller* drive(connection_ptr const& conn, bool in_handler) noexcept override
        STS_EXCLUDES(mutex);
    void keep_undelivered(suspended_caller& caller) noexcept override {
        mutex.assert_held();
        home::keep_undelivered(caller);
    }
    void wake_soon() noexcept override;

    // Exchanges and their attempts.
    void apply(core::pool_core::plan& plan, actions& todo, error_info const& why_failed) noexcept
        STS_REQUIRES(mutex);
    void advance(operation& op, event const& what, actions& todo) noexcept STS_REQUIRES(mutex);
    void perform(operation& op, core::exchange_fsm::action next, actions& todo) noexcept STS_REQUIRES(mutex);
    void count_retry(operation& op, core::exchange_fsm::action next, clock::time_point now,
                     actions& todo) noexcept STS_REQUIRES(mutex);
    void judge_failures_unlocking(actions& todo) noexcept STS_REQUIRES(mutex);
    void leave(operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    void ask(operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    void sign(operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    void call_outside(operation& op, std::shared_ptr<outside_call> call, actions& todo) noexcept
        STS_REQUIRES(mutex);
    operation& answered(outside_call& call) noexcept STS_REQUIRES(mutex);
    void fail_call(operation& op, error_info why, actions& todo) noexcept STS_REQUIRES(mutex);
    void begin_calls(std::list<std::shared_ptr<outside_call>>& calls) noexcept STS_EXCLUDES(mutex);
    void acquire(operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    void stop_locked(operation& op, stop_reason why, actions& todo) noexcept STS_REQUIRES(mutex);
    void interrupt(operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    void end_interrupted(connection& conn, operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    phase waiting_for() const noexcept STS_REQUIRES(mutex);

    // Connections.
    void open_planned_unlocking() noexcept STS_REQUIRES(mutex);
    void open_one(replacement how = {}) noexcept STS_EXCLUDES(mutex);
    void open_again(replacement how) noexcept STS_EXCLUDES(mutex);
    void give_up_opening(connection_ptr const& conn) noexcept STS_EXCLUDES(mutex);
    void connected(connection_ptr const& conn, result<net::connector::connection> outcome) noexcept
        STS_EXCLUDES(mutex);
    void open_failed(connection& conn, error_info const& why, actions& todo, bool timed_out = false) noexcept
        STS_REQUIRES(mutex);
    void avoid_address(connection const& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    void plan_failed(error_info const& why, actions& todo) noexcept STS_REQUIRES(mutex);
    void retire(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    void settle(connection& conn, operation* served, step_result step, actions& todo) noexcept
        STS_REQUIRES(mutex);
    bool count_traffic(connection& conn) noexcept STS_REQUIRES(mutex);
    void opened(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    void received(connection& conn, operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    void note_answer(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    void note_session(connection const& conn, event& broken, bool is_ours) noexcept STS_REQUIRES(mutex);
    bool goes_on_after(operation& op, event const& broken, actions& todo) noexcept STS_REQUIRES(mutex);
    void on_connection_lost(connection& conn, operation& op, actions& todo) noexcept STS_REQUIRES(mutex);
    void give_back(connection& conn, core::pool_core::plan& plan, actions& todo) noexcept STS_REQUIRES(mutex);
    step_result serve_unlocking(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    bool arm_unlocking(connection_ptr const& conn, step_result step, actions& todo) noexcept
        STS_REQUIRES(mutex);
    void ready(connection_ptr const& conn, bool readable) noexcept STS_EXCLUDES(mutex);

    // Connections that several exchanges share.
    void begin_shared(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    step_result serve_shared_unlocking(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    bool settle_stream(connection& conn, shared_stream& one, bool lost, actions& todo) noexcept
        STS_REQUIRES(mutex);
    bool break_off(connection& conn, operation& op, event& what, error_info& why, bool lost,
                   actions& todo) noexcept STS_REQUIRES(mutex);
    void lose_shared(connection& conn, error_info const& why, actions& todo,
                     shared_stream* over = nullptr) noexcept STS_REQUIRES(mutex);
    bool is_dead(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    clock::time_point look_at_silent(clock::time_point now, actions& todo) noexcept STS_REQUIRES(mutex);
    void note_goaway(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    void note_peer(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    void stop_shared(connection& conn, actions& todo) noexcept STS_REQUIRES(mutex);
    void end_stream(connection& conn, operation& op, actions& todo) noexcept STS_REQUIRES(mutex);

    // Upkeep.
    void wake_by(clock::time_point deadline, clock::time_point now) noexcept STS_REQUIRES(mutex);
    bool resume_one_paused() noexcept STS_EXCLUDES(mutex);
    void end_overdue(connection& conn, operation* op, clock::time_point now, actions& todo) noexcept
        STS_REQUIRES(mutex);

    client_options const options_;
    event_teller const tell_{options_.observer};
    net::destination const origin_;
    std::shared_ptr<net::tls_context const> tls_ STS_GUARDED_BY(mutex);
    std::shared_ptr<signing_worker> const signer_ = std::make_shared<signing_worker>();
    std::shared_ptr<net::resolver> const names_;
    std::shared_ptr<net::host_addresses> const addresses_;
    bool const resumes_inline_; // not from within a strand of the program, which others wait for

    base::mutex reloading_; // one at a time, so that the newest files win
    core::pool_core core_ STS_GUARDED_BY(mutex);
    connections connections_ STS_GUARDED_BY(mutex); // includes those retiring, until their driver shuts them
    watched_connections watched_{*this, mutex, executor_, options_.thread_safe};
    asking_operations asking_ STS_GUARDED_BY(mutex);
    pausing_operations pausing_ STS_GUARDED_BY(mutex);
    base::wiped_buffer spare_ STS_GUARDED_BY(mutex); // for the next request, empty
    core::retry_budget budget_ STS_GUARDED_BY(mutex);
    std::size_t in_flight_ STS_GUARDED_BY(mutex) = 0;
    std::size_t to_open_ STS_GUARDED_BY(mutex) = 0;      // planned and not begun yet
    std::size_t streams_expected_ STS_GUARDED_BY(mutex); // of a new connection that several share
    bool only_http1_ STS_GUARDED_BY(mutex) = false;      // the server has asked for it
    bool opening_is_paid_ STS_GUARDED_BY(mutex) = false; // the next one, by one of those that wait for it
    warm_ups warming_ STS_GUARDED_BY(mutex);

    sts::stats counted_ STS_GUARDED_BY(mutex); // only what is monotonic
    std::uint64_t exchanges_begun_ STS_GUARDED_BY(mutex) = 0;
    std::uint64_t connections_begun_ STS_GUARDED_BY(mutex) = 0;
    boost::asio::ip::tcp::endpoint last_address_ STS_GUARDED_BY(mutex);
};

} // namespace equinix::sts::client_detail
