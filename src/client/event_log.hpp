// Events for the observer: collected under a lock, told after it.
#pragma once

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

} // namespace equinix::sts::client_detail
