#include "client/signing_call.hpp"

#include "base/failure.hpp"

#include <exception>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {
namespace {

signing_worker::answer make(signing_worker::job_ptr const& what) {
    try {
        return (*what)();
    } catch (error const& why) {
        return base::copy_of(why.info());
    }
}

} // namespace

signing_worker::signing_worker()
    : worker_(make, decltype(worker_)::late::calls_new, base::without_memory(phase::sign)) {}

void signing_call::begin(std::shared_ptr<asker> for_whom) {
    std::shared_ptr<base::pending_answer<signing_worker::answer>> pending;
    {
        base::mutex_lock const lock(mutex_);
        if (!executor_) return; // cancelled before it began
        pending = std::make_shared<base::pending_answer<signing_worker::answer>>(
            executor_, [self = shared_from_this(), for_whom = std::move(for_whom)](
                           std::shared_ptr<signing_worker::answer const> const& made) {
                try {
                    for_whom->signed_by(*self, *made);
                } catch (std::bad_alloc const&) { // by the copy
                    for_whom->signed_by(*self, base::without_memory(phase::sign));
                }
            });
        executor_ = boost::asio::any_io_executor();
        pending_ = pending;
    }
    worker_->start(job_, std::move(pending));
}

void signing_call::cancel() noexcept {
    std::shared_ptr<base::pending_answer<signing_worker::answer>> pending;
    {
        base::mutex_lock const lock(mutex_);
        executor_ = boost::asio::any_io_executor();
        pending.swap(pending_);
    }
    if (pending) pending->cancel();
}

} // namespace equinix::sts::client_detail
