#include "client/signing_call.hpp"

#include "base/failure.hpp"

#include <openssl/crypto.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <new>
#include <thread>
#include <utility>

namespace equinix::sts::client_detail {
namespace {

// OpenSSL ends with the process, by `atexit`, while a detached thread may still sign.
constinit std::atomic<unsigned> in_progress = 0;
constinit std::atomic<bool> is_exiting = false;

/// Waits for the signature in progress, but not for a token that hangs.
void wait_for_the_last() noexcept {
    constexpr std::chrono::milliseconds step(1), at_most(2000);
    is_exiting = true;
    for (auto left = at_most; in_progress != 0 && left > left.zero(); left -= step)
        std::this_thread::sleep_for(step);
}

/// OpenSSL has begun by now, because there is a key: so this comes before its end.
void wait_at_exit() noexcept {
    static bool const registered = std::atexit(wait_for_the_last) == 0;
    static_cast<void>(registered);
}

/// A use of OpenSSL by a detached thread.
class openssl_use {
public:
    openssl_use() noexcept : was_exiting_(begin()) {}
    openssl_use(openssl_use const&) = delete;
    openssl_use& operator=(openssl_use const&) = delete;
    ~openssl_use() {
        if (is_allowed()) OPENSSL_thread_stop(); // what it keeps for this thread
        --in_progress;
    }
    bool is_allowed() const noexcept { return !was_exiting_; }

private:
    static bool begin() noexcept {
        ++in_progress;
        return is_exiting;
    }

    bool const was_exiting_;
};

signing_worker::answer make(signing_worker::job_ptr const& what) {
    openssl_use const use;
    if (!use.is_allowed()) return base::failure(error_kind::canceled, phase::sign, "the program is exiting");
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
    wait_at_exit();
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
