// A coroutine that waits to be resumed.
#pragma once

#include "client/handler_memory.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/list.hpp>

#include <utility>

namespace equinix::sts::client_detail {

/// Lives in the coroutine's frame, which it owns: whoever destroys the handler destroys the coroutine.
class suspended_caller : public boost::intrusive::list_base_hook<> {
public:
    suspended_caller() = default;
    suspended_caller(suspended_caller const&) = delete;
    suspended_caller& operator=(suspended_caller const&) = delete;

    /// `on` is its own executor, kept running meanwhile. Swapped in: in Boost 1.81 the handler's own move
    /// assignment calls itself without end.
    void hold(boost::asio::any_completion_handler<void()> handler, boost::asio::any_io_executor on) noexcept {
        resume_.swap(handler);
        std::swap(executor_, on);
    }

    /// Has it resumed on its own executor, never inline. When this returns true it may be gone already. False
    /// means that there was no memory for that, which on an `io_context` cannot be: try again later.
    bool post() noexcept;

    /// Takes the coroutine out, to be destroyed.
    boost::asio::any_completion_handler<void()> release() noexcept { return std::move(resume_); }

private:
    boost::asio::any_completion_handler<void()> resume_;
    boost::asio::any_io_executor executor_;
    handler_memory memory_;
};

using suspended_callers = boost::intrusive::list<suspended_caller>;

} // namespace equinix::sts::client_detail
