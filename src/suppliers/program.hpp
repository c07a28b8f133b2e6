// A program at work: its output is collected while whoever asked for it waits for its end.
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

/// Used on one strand, which `executor` is.
class program : public std::enable_shared_from_this<program> {
public:
    /// Throws `boost::system::system_error` when it cannot be started.
    program(boost::asio::any_io_executor const& executor, std::vector<std::string> const& arguments);

    /// Begins to collect its output, until `limit`.
    void start(std::chrono::steady_clock::time_point limit);

    /// Nothing is heard of it any more. It is killed, unless it was let go.
    void stop() noexcept;

    /// Waits until it has ended, there is another reason to end, or it is time to look: where the system
    /// gives no notice of an end, that is every few moments. The error is that of a cancellation.
    boost::asio::awaitable<boost::system::error_code> wait();
    bool late() const { return late_; }
    bool too_much() const { return too_much_; }

    /// Takes what it has printed. Whether there may be more.
    bool take();
    std::string_view output() const { return base::view(text_).substr(0, size_); }

    child& process() { return *child_; }

private:
    void collect();
    void give_up(bool& why);

    boost::asio::posix::stream_descriptor output_;
    boost::asio::posix::stream_descriptor exit_;
    boost::asio::steady_timer look_; // in place of `exit_` where that cannot be had
    std::chrono::milliseconds until_look_{1};
    boost::asio::steady_timer bound_;
    base::wiped_buffer text_;
    std::size_t size_ = 0;
    std::optional<child> child_;
    bool late_ = false;
    bool too_much_ = false;
};

} // namespace equinix::sts::suppliers_detail
