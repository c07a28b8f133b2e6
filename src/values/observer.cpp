#include <equinix/sts/observer.hpp>

namespace equinix::sts {

std::string_view to_string(event_type type) noexcept {
    switch (type) {
    case event_type::attempt_began:
        return "attempt_began";
    case event_type::attempt_ended:
        return "attempt_ended";
    case event_type::retry_scheduled:
        return "retry_scheduled";
    case event_type::connection_opened:
        return "connection_opened";
    case event_type::connection_resumed:
        return "connection_resumed";
    case event_type::connection_reused:
        return "connection_reused";
    case event_type::connection_drained:
        return "connection_drained";
    case event_type::connection_dropped:
        return "connection_dropped";
    case event_type::connection_failed:
        return "connection_failed";
    case event_type::token_hit:
        return "token_hit";
    case event_type::token_miss:
        return "token_miss";
    case event_type::token_refreshed:
        return "token_refreshed";
    case event_type::token_stale:
        return "token_stale";
    case event_type::token_failed:
        return "token_failed";
    case event_type::store_hit:
        return "store_hit";
    case event_type::store_miss:
        return "store_miss";
    case event_type::store_lease_won:
        return "store_lease_won";
    case event_type::store_lease_awaited:
        return "store_lease_awaited";
    case event_type::store_record_unopened:
        return "store_record_unopened";
    case event_type::store_written:
        return "store_written";
    case event_type::store_failed:
        return "store_failed";
    case event_type::store_given_up:
        return "store_given_up";
    case event_type::store_unshared:
        return "store_unshared";
    }
    return "unknown";
}

} // namespace equinix::sts
