// Signatures that take long, made on a thread of their own: the executor's threads have other work.
#pragma once

#include "base/detached_worker.hpp"
#include "base/lock.hpp"
#include "base/pending_answer.hpp"
#include "client/outside_call.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace equinix::sts::client_detail {

/// Makes one exchange's signatures at a time. Jobs are equal only to themselves.
class signing_worker {
public:
    using job = std::function<core::signatures()>; ///< throws `error`
    using job_ptr = std::shared_ptr<job const>;
    using answer = result<core::signatures>;

    signing_worker();
    signing_worker(signing_worker const&) = delete;
    signing_worker& operator=(signing_worker const&) = delete;
    ~signing_worker() { drop_waiting(); }

    /// Forgets what is queued: nobody waits for it any longer.
    void drop_waiting() noexcept { worker_.drop_waiting(); }

    /// Throws when no thread can be started.
    void start(job_ptr const& what, std::shared_ptr<base::pending_answer<answer>> waiter) {
        worker_.start(what, std::move(waiter));
    }

private:
    base::detached_worker<job_ptr, answer> worker_;
};

class signing_call final : public outside_call, public std::enable_shared_from_this<signing_call> {
public:
    signing_call(boost::asio::any_io_executor executor, std::shared_ptr<signing_worker> worker,
                 signing_worker::job what)
        : worker_(std::move(worker)), job_(std::make_shared<signing_worker::job const>(std::move(what))),
          executor_(std::move(executor)) {}

    /// The asker is notified on the executor.
    void begin(std::shared_ptr<asker> for_whom) override;

    /// What the thread is signing goes on, and is forgotten. What has not begun does not begin.
    void cancel() noexcept override;
    void leave_context() noexcept override { cancel(); }

private:
    std::shared_ptr<signing_worker> const worker_;
    signing_worker::job_ptr const job_;
    base::mutex mutex_;
    boost::asio::any_io_executor executor_ STS_GUARDED_BY(mutex_); // empty once it has begun or is cancelled
    std::shared_ptr<base::pending_answer<signing_worker::answer>> pending_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::client_detail
