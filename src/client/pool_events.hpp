// What the pool tells the observer.
#pragma once

#include "client/connection.hpp"
#include "client/event_log.hpp"
#include "client/operation.hpp"

#include <equinix/sts/observer.hpp>

namespace equinix::sts::client_detail {

/// Makes events of what happens in the pool. Without an observer each call is one branch.
class event_teller {
public:
    /// `to` must outlive it.
    explicit event_teller(observer const& to) noexcept : to_(to) {}

    /// `conn` is null where none could be opened. Tells of its reuse, and of the attempt unless that goes on
    /// with another connection.
    void attempt_began(event_log& log, operation& op, connection const* conn) const noexcept {
        if (to_) add_attempt_began(log, op, conn);
    }

    /// `why` is null for a token. Nothing when no attempt has begun.
    void attempt_ended(event_log& log, operation& op, error_info const* why) const noexcept {
        if (op.attempt_began) add_attempt_ended(log, op, why);
    }

    void retry_scheduled(event_log& log, operation const& op, base::clock::time_point now) const noexcept {
        if (to_) add_retry_scheduled(log, op, now);
    }

    void opened(event_log& log, connection const& it) const noexcept {
        if (to_) add_opened(log, it);
    }

    /// Nothing for one that was never open.
    void dropped(event_log& log, connection const& it) const noexcept {
        if (to_) add_dropped(log, it);
    }

    /// `it` is null for one that did not even come into the pool.
    void open_failed(event_log& log, connection const* it, error_info const& why) const noexcept {
        if (to_) add_open_failed(log, it, why);
    }

    void deliver(event_log& log) const noexcept { log.deliver(to_); }

private:
    static void add_attempt_began(event_log& log, operation& op, connection const* it) noexcept;
    static void add_attempt_ended(event_log& log, operation& op, error_info const* why) noexcept;
    static void add_retry_scheduled(event_log& log, operation const& op,
                                    base::clock::time_point now) noexcept;
    static void add_opened(event_log& log, connection const& it) noexcept;
    static void add_dropped(event_log& log, connection const& it) noexcept;
    static void add_open_failed(event_log& log, connection const* it, error_info const& why) noexcept;

    observer const& to_;
};

} // namespace equinix::sts::client_detail
