// Being told of a caller's cancellation.
#pragma once

#include <boost/asio/cancellation_signal.hpp>

#include <new>

namespace equinix::sts::client_detail {

/// Installs what cancels an operation; false for want of memory.
template <class Cancel>
bool on_cancellation(boost::asio::cancellation_slot& slot, Cancel cancel) noexcept try {
    if (slot.is_connected()) slot.template emplace<Cancel>(cancel);
    return true;
} catch (std::bad_alloc const&) {
    return false;
}

} // namespace equinix::sts::client_detail
