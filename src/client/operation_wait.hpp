// How a coroutine waits for the end of an operation.
#pragma once

#include "client/pool.hpp"
#include "client/waiting.hpp"

#include <memory>
#include <utility>

namespace equinix::sts::client_detail {

/// Maps the caller's cancellation to the operation.
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
    // Weak: the program's signal may outlive the coroutine where the context destroys that.
    std::weak_ptr<pool> connections_;
    operation* op_;
};

class operation_wait {
public:
    operation_wait(pool& connections, operation& op) : connections_(&connections), op_(&op) {}

    suspended_caller& caller() noexcept { return op_->caller; }
    void begin() noexcept { connections_->start(*op_); }
    void refuse() noexcept { connections_->refuse(*op_); }
    cancel_operation canceler() const { return {connections_->weak_from_this(), *op_}; }

private:
    pool* connections_;
    operation* op_;
};

} // namespace equinix::sts::client_detail
