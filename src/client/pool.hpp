// The connections to one endpoint and the exchanges that want them: the shell around `pool_core`.
//
// One short lock over the bookkeeping. Under it nothing is called that could call back: what must be done
// outside (close connections, post completions, start connects) is collected in an `aftermath` and carried
// out after the unlock. TLS and HTTP work is done without the lock by the thread that drives the connection.
//
// An exchange ends in one of three ways, each exactly once: its answer, its connection's failure, or `stop`.
// Its completion is always posted, never called inline.
#pragma once

#include "client/connection.hpp"
#include "client/context_registry.hpp"
#include "client/operation.hpp"
#include "core/optional_mutex.hpp"
#include "core/pool_core.hpp"
#include "net/tls_context.hpp"

#include <equinix/sts/options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::client_detail {

class pool final : public context_resident, public std::enable_shared_from_this<pool> {
public:
    /// Throws `error` of kind `config` when the authorities cannot be used. Must be owned by a shared
    /// pointer.
    pool(boost::asio::any_io_executor executor, client_options const& options);
    pool(pool const&) = delete;
    pool& operator=(pool const&) = delete;
    ~pool();

    /// Starts an exchange; `operation::caller` and `deadline` are set. Resumes the caller in any case.
    void start(operation& op);

    /// Ends an exchange, wherever it is. Nothing when it has ended already.
    void stop(operation& op, stop_reason why);

    /// Ends an exchange, unless the service may have seen a part of it.
    void stop_if_unsent(operation& op);

    /// Ends everything.
    void close() noexcept;

    /// Refuses new exchanges; resumes the caller when the last one has ended, after the time-out at the
    /// latest.
    void drain(suspended_caller caller);

private:
    using clock = core::clock;
    using lock = std::unique_lock<core::optional_mutex>;
    using connection_ptr = std::shared_ptr<connection>;

    /// What is left to do once the lock is released.
    struct aftermath {
        core::pool_core::waiters finished; // all of them operations
        std::vector<connection_ptr> shut;
        std::vector<suspended_caller> drained;
        connection_ptr drive;
        std::size_t open = 0;
    };

    void context_gone() noexcept override;

    void release(lock& held, aftermath& after);
    void apply(core::pool_core::plan& plan, aftermath& after, error_info const& why_failed);
    void finish(operation& op, aftermath& after);
    void finish(operation& op, error_info why, aftermath& after);
    void leave(operation& op, aftermath& after);
    void stop_locked(operation& op, stop_reason why, aftermath& after);
    void end_stopped(connection& it, operation& op, aftermath& after);
    void retire(connection& it, aftermath& after);
    void close_locked(aftermath& after);
    error_info stopped(operation const& op, stop_reason why) const;
    phase waiting_for() const;

    void open_one();
    void give_up_opening(connection_ptr const& it, std::exception const& why);
    void connected(connection_ptr const& it, result<boost::asio::ip::tcp::socket> outcome);
    void open_failed(connection& it, error_info const& why, aftermath& after);

    void drive(connection_ptr const& it);
    void settle(connection& it, operation* served, step_result step, aftermath& after);
    void broke(connection& it, operation& op, aftermath& after);
    bool arm(lock& held, connection_ptr const& it, step_result step, aftermath& after);
    void ready(connection_ptr const& it, bool readable);

    void wake_by(clock::time_point deadline, clock::time_point now);
    void wake_at(clock::time_point when);
    void sweep(std::uint64_t generation);
    void end_overdue(connection& it, aftermath& after);

    client_options const options_;
    boost::asio::any_io_executor executor_;
    std::shared_ptr<net::tls_context const> tls_;
    context_registry* registry_;

    core::optional_mutex mutex_;
    core::pool_core core_;
    std::list<connection_ptr> connections_;
    std::size_t in_flight_ = 0;
    bool closed_ = false;
    bool draining_ = false;
    clock::time_point drain_deadline_ = clock::time_point::max();
    std::vector<suspended_caller> drainers_;

    std::optional<boost::asio::steady_timer> timer_;
    clock::time_point timer_at_ = clock::time_point::max();
    std::uint64_t timer_generation_ = 0;
};

} // namespace equinix::sts::client_detail
