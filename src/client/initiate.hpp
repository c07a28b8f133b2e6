// How a coroutine hands an operation to the pool and waits for its end.
#pragma once

#include "client/cancellation.hpp"
#include "client/pool.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <utility>

namespace equinix::sts::client_detail {

/// What the caller's cancellation means to an operation.
class cancel_operation {
public:
    cancel_operation(std::weak_ptr<pool> connections, operation& op)
        : connections_(std::move(connections)), op_(&op) {}

    void operator()(boost::asio::cancellation_type type) const {
        using boost::asio::cancellation_type;
        auto const connections = connections_.lock();
        if (!connections) return; // gone with its context, and the operation with it
        if ((type & (cancellation_type::terminal | cancellation_type::partial)) != cancellation_type::none) {
            connections->stop(*op_, stop_reason::canceled);
        } else if ((type & cancellation_type::total) != cancellation_type::none) {
            connections->stop_if_unsent(*op_);
        }
    }

private:
    // The program's signal may outlive the coroutine, where the context takes that along.
    std::weak_ptr<pool> connections_;
    operation* op_;
};

/// Initiates an operation: `slot` is where its cancellation stays installed until it is cleared.
class begin_operation {
public:
    begin_operation(pool& connections, operation& op, boost::asio::cancellation_slot& slot)
        : connections_(&connections), op_(&op), slot_(&slot) {}

    template <class Handler>
    void operator()(Handler&& handler) const {
        *slot_ = boost::asio::get_associated_cancellation_slot(handler);
        bool const kept = op_->caller.hold(std::forward<Handler>(handler));
        if (kept && on_cancellation(*slot_, cancel_operation(connections_->weak_from_this(), *op_)))
            connections_->start(*op_);
        else
            connections_->refuse(*op_);
    }

private:
    pool* connections_;
    operation* op_;
    boost::asio::cancellation_slot* slot_;
};

} // namespace equinix::sts::client_detail
