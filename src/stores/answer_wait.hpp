// How a coroutine waits for an answer that another thread or strand gives, for a limited time.
#pragma once

#include "base/pending_answer.hpp"
#include "base/saturating.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>

namespace equinix::sts::stores_detail {

/// Lives in the coroutine's frame. On destruction the answer is not wanted any longer.
template <class Answer>
class answer_wait {
public:
    using answer_ptr = std::shared_ptr<Answer const>;

    answer_wait(boost::asio::any_io_executor const& executor, std::chrono::nanoseconds bound)
        : timer_(executor, base::after(base::clock::now(), bound)),
          pending_(std::make_shared<base::pending_answer<Answer>>(executor, [this](answer_ptr const& given) {
              answer_ = given;
              timer_.cancel();
          })) {}
    answer_wait(answer_wait const&) = delete;
    answer_wait& operator=(answer_wait const&) = delete;
    ~answer_wait() { pending_->cancel(); }

    /// What is to be given the answer.
    std::shared_ptr<base::pending_answer<Answer>> const& pending() const noexcept { return pending_; }

    /// Null when there is no answer in time, or the wait was cancelled: see `canceled`.
    boost::asio::awaitable<answer_ptr> get() {
        boost::system::error_code ended;
        if (!answer_)
            co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
        canceled_ = !answer_ && ended.failed();
        co_return answer_;
    }

    bool canceled() const noexcept { return canceled_; }

private:
    boost::asio::steady_timer timer_;
    std::shared_ptr<base::pending_answer<Answer>> pending_;
    answer_ptr answer_;
    bool canceled_ = false;
};

} // namespace equinix::sts::stores_detail
