// A timer that can be set without heap memory and never throws.
#pragma once

#include "base/saturating.hpp"
#include "client/context_registry.hpp"
#include "client/handler_memory.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/assert.hpp>

#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace equinix::sts::client_detail {

/// Calls `context_home::on_timer(generation)`, which calls `counts()` under the home's lock. All other
/// functions are called under that lock as well.
class timer {
public:
    explicit timer(boost::asio::any_io_executor const& executor) : timer_(executor) {}

    /// Makes the timer fire at this time, or earlier if that was requested. Keeps the owner alive until then.
    void wake_at(base::clock::time_point when, context_home& owner) noexcept {
        if (when >= at_ || !timer_) return;
        try {
            timer_->expires_at(when);
            auto& memory = memory_[used_++ % std::size(memory_)];
            timer_->async_wait(call{owner.shared_from_this(), ++generation_, &memory});
            at_ = when;
        } catch (std::exception const&) {
            at_ = base::clock::time_point::max(); // the next event tries again
        }
    }

    /// Whether this is the most recent wait; the timer is unset then.
    bool counts(std::uint64_t generation) noexcept {
        BOOST_ASSERT(generation <= generation_);
        if (generation != generation_) return false;
        at_ = base::clock::time_point::max();
        return true;
    }

    void cancel() noexcept {
        if (at_ == base::clock::time_point::max()) return;
        ++generation_;
        at_ = base::clock::time_point::max();
        if (timer_) timer_->cancel();
    }

    /// Releases the timer, to be destroyed without the lock: the context is gone.
    std::optional<boost::asio::steady_timer> release() noexcept {
        return std::exchange(timer_, std::nullopt);
    }

private:
    struct call {
        using allocator_type = handler_allocator<void>;

        allocator_type get_allocator() const noexcept { return allocator_type(*memory); }
        void operator()(boost::system::error_code ec) const {
            if (!ec) owner->on_timer(generation);
        }

        std::shared_ptr<context_home> owner;
        std::uint64_t generation;
        handler_memory* memory;
    };

    handler_memory memory_[4]; // one for the current wait, the others for those that it replaced
    unsigned used_ = 0;
    std::optional<boost::asio::steady_timer> timer_;
    base::clock::time_point at_ = base::clock::time_point::max();
    std::uint64_t generation_ = 0;
};

} // namespace equinix::sts::client_detail
