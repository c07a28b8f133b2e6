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
    pending_ = std::make_shared<base::pending_answer<signing_worker::answer>>(
        executor_, [self = shared_from_this(), for_whom = std::move(for_whom)](
                       std::shared_ptr<signing_worker::answer const> const& made) {
            try {
                for_whom->signed_by(*self, *made);
            } catch (std::bad_alloc const&) { // by the copy
                for_whom->signed_by(*self, base::without_memory(phase::sign));
            }
        });
    executor_ = boost::asio::any_io_executor();
    worker_->start(job_, pending_);
}

} // namespace equinix::sts::client_detail
