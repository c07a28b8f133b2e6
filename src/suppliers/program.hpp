// A running program. Its output is collected while the caller waits for its end.
#pragma once

#include "base/wiped.hpp"
#include "suppliers/child.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::suppliers_detail {

/// To be used only on the strand that `executor` is.
class program : public std::enable_shared_from_this<program> {
public:
    /// As `child` does. Throws `boost::system::system_error` when the program cannot be started.
    program(boost::asio::any_io_executor const& executor, std::vector<std::string> const& arguments,
            std::vector<std::string> const& variables);

    /// Begins to collect the output, until `limit`.
    void start(std::chrono::steady_clock::time_point limit);

    /// Stops all notifications. Kills the program, unless `child::let_go` was called.
    void stop() noexcept;

    /// Waits until the program has ended, there is another reason to end it, or it is time to look at it:
    /// every few moments if the system gives no notice of its end. The error is that of a cancellation.
    boost::asio::awaitable<boost::system::error_code> wait();
    bool late() const { return late_; }
    bool too_much() const { return too_much_; }

    /// Reads what the program has printed. Returns whether there may be more.
    bool take();
    std::string_view output() const { return base::view(text_).substr(0, size_); }

    child& process() { return *child_; }

private:
    void collect();
    void give_up(bool& why);

    boost::asio::posix::stream_descriptor output_;
    boost::asio::posix::stream_descriptor exit_;
    boost::asio::steady_timer look_; // used if `exit_` is not available
    std::chrono::milliseconds until_look_{1};
    boost::asio::steady_timer bound_;
    base::wiped_buffer text_;
    std::size_t size_ = 0;
    std::optional<child> child_;
    bool late_ = false;
    bool too_much_ = false;
};

} // namespace equinix::sts::suppliers_detail
