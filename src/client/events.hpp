// What the pool tells the observer: made and collected under the pool's lock, told after it.
#pragma once

#include "client/connection.hpp"
#include "client/operation.hpp"

#include <equinix/sts/observer.hpp>

#include <forward_list>
#include <memory>
#include <string>

namespace equinix::sts::client_detail {

/// An event of this moment.
event event_now(event_type type) noexcept;

/// Says in an event how something failed.
void explain(event& made, error_info const& why) noexcept;

/// Tells one event. What the observer throws is dropped.
void tell(observer const& to, event const& what) noexcept;

/// Events that are still to be told. One pointer: without an observer it is made and thrown away in vain.
class event_log {
public:
    /// Keeps an event, with the name that it shows; for want of memory it is lost.
    void add(event const& what, std::shared_ptr<std::string const> source = nullptr) noexcept;

    /// Tells the events in their order. Without a lock: this calls the user.
    void deliver(observer const& to) noexcept {
        if (!newest_first_.empty()) deliver_some(to);
    }

private:
    struct entry {
        event what;
        std::shared_ptr<std::string const> source;
    };

    void deliver_some(observer const& to) noexcept;

    std::forward_list<entry> newest_first_;
};

/// Makes events of what happens in the pool. Without an observer each call is one branch.
class event_teller {
public:
    /// `to` must outlive it.
    explicit event_teller(observer const& to) noexcept : to_(to) {}

    /// `it` is null where none could be opened. Nothing when the attempt goes on with another connection.
    void attempt_began(event_log& log, operation& op, connection const* it) const noexcept {
        if (to_) add_attempt_began(log, op, it);
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

    /// After the attempt was counted.
    void reused(event_log& log, operation const& op, connection const& it) const noexcept {
        if (to_) add_reused(log, op, it);
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
    static void add_reused(event_log& log, operation const& op, connection const& it) noexcept;
    static void add_dropped(event_log& log, connection const& it) noexcept;
    static void add_open_failed(event_log& log, connection const* it, error_info const& why) noexcept;

    observer const& to_;
};

} // namespace equinix::sts::client_detail
