// An answer from a detached thread. The caller that waits for it can stop waiting.
#pragma once

#include "base/lock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace equinix::sts::base {

/// One caller's wait. Owned by the caller and by the thread that delivers the answer.
template <class Answer>
class pending_answer : public std::enable_shared_from_this<pending_answer<Answer>> {
public:
    using answer_ptr = std::shared_ptr<Answer const>;
    using handler = std::function<void(answer_ptr const&)>;

    /// `done` is called on `executor`, which is kept running meanwhile, unless `cancel` was called before.
    pending_answer(boost::asio::any_io_executor const& executor, handler done)
        : executor_(boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked)),
          done_(std::move(done)) {}

    /// From now on nothing of the executor is touched, and `done` is not called.
    void cancel() noexcept {
        boost::asio::any_io_executor executor;
        handler forgotten;
        mutex_lock const lock(mutex_);
        std::swap(executor, executor_);
        done_.swap(forgotten);
    }

    /// Posts under the lock: a cancellation, such as that by the end of the context, waits until the post is
    /// done. If memory runs out nothing is delivered, and the caller's deadline ends the wait.
    void deliver(answer_ptr const& answer) noexcept {
        mutex_lock const lock(mutex_);
        if (!done_) return;
        try {
            boost::asio::post(executor_, [self = this->shared_from_this(), answer] { self->call(answer); });
        } catch (std::exception const&) {
            return;
        }
        executor_ = boost::asio::any_io_executor();
    }

private:
    void call(answer_ptr const& answer) {
        handler done;
        {
            mutex_lock const lock(mutex_);
            done.swap(done_);
        }
        if (done) done(answer);
    }

    mutex mutex_; // never disabled: there is the detached thread even if the client uses no others
    boost::asio::any_io_executor executor_ STS_GUARDED_BY(mutex_);
    handler done_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::base
