// Events for the observer: collected under a lock, delivered after it.
#pragma once

#include <equinix/sts/observer.hpp>

#include <forward_list>
#include <memory>
#include <string>

namespace equinix::sts::client_detail {

/// An event with the current time.
event event_now(event_type type) noexcept;

/// Describes a failure in an event.
void explain(event& made, error_info const& why) noexcept;

/// Delivers one event. Exceptions of the observer are dropped.
void tell(observer const& to, event const& what) noexcept;

/// Events that are still to be delivered. A single pointer, because without an observer the log is created
/// and destroyed for nothing.
class event_log {
public:
    /// Stores an event, and the name of its source and the address that it refers to. The event is lost when
    /// memory runs out.
    void add(event const& what, std::shared_ptr<std::string const> source = nullptr,
             std::shared_ptr<std::string const> address = nullptr) noexcept;

    /// Delivers the events in order. Must be called without a lock: this calls user code.
    void deliver(observer const& to) noexcept {
        if (!newest_first_.empty()) deliver_some(to);
    }

private:
    struct entry {
        event what;
        std::shared_ptr<std::string const> source, address;
    };

    void deliver_some(observer const& to) noexcept;

    std::forward_list<entry> newest_first_;
};

} // namespace equinix::sts::client_detail
