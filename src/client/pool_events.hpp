// The pool's events for the observer.
#pragma once

#include "client/connection.hpp"
#include "client/event_log.hpp"
#include "client/operation.hpp"

#include <equinix/sts/observer.hpp>

namespace equinix::sts::client_detail {

/// Turns what happens in the pool into events. Without an observer each call costs one branch.
class event_teller {
public:
    /// `to` must outlive the object.
    explicit event_teller(observer const& to) noexcept : to_(to) {}

    /// `conn` is null when none could be opened. Reports that the connection is reused, and that an attempt
    /// has begun unless an earlier one continues on another connection.
    void attempt_began(event_log& log, operation& op, connection const* conn) const noexcept {
        if (to_) add_attempt_began(log, op, conn);
    }

    /// `why` is null for success. Does nothing when no attempt has begun.
    void attempt_ended(event_log& log, operation& op, error_info const* why) const noexcept {
        if (op.attempt_began) add_attempt_ended(log, op, why);
    }

    void retry_scheduled(event_log& log, operation const& op, base::clock::time_point now,
                         std::chrono::nanoseconds wait) const noexcept {
        if (to_) add_retry_scheduled(log, op, now, wait);
    }

    /// Keeps the address for later events.
    void connected(connection& conn, boost::asio::ip::tcp::endpoint const& to) const noexcept {
        if (to_) keep_address(conn, to);
    }

    void opened(event_log& log, connection const& conn) const noexcept {
        if (to_) add_opened(log, conn);
    }

    /// The server takes no further request on it.
    void drained(event_log& log, connection const& conn) const noexcept {
        if (to_) add_drained(log, conn);
    }

    /// Does nothing for a connection that was never open.
    void dropped(event_log& log, connection const& conn) const noexcept {
        if (to_) add_dropped(log, conn);
    }

    /// `conn` is null if it never entered the pool.
    void open_failed(event_log& log, connection const* conn, error_info const& why) const noexcept {
        if (to_) add_open_failed(log, conn, why);
    }

    void deliver(event_log& log) const noexcept { log.deliver(to_); }

private:
    static void add_attempt_began(event_log& log, operation& op, connection const* conn) noexcept;
    static void add_attempt_ended(event_log& log, operation& op, error_info const* why) noexcept;
    static void add_retry_scheduled(event_log& log, operation const& op, base::clock::time_point now,
                                    std::chrono::nanoseconds wait) noexcept;
    static void keep_address(connection& conn, boost::asio::ip::tcp::endpoint const& to) noexcept;
    static void add_opened(event_log& log, connection const& conn) noexcept;
    static void add_drained(event_log& log, connection const& conn) noexcept;
    static void add_dropped(event_log& log, connection const& conn) noexcept;
    static void add_open_failed(event_log& log, connection const* conn, error_info const& why) noexcept;

    observer const& to_;
};

} // namespace equinix::sts::client_detail
