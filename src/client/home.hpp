// What a pool and a token desk have in common: they live on a context, keep deadlines, resume waiting
// callers, and shut down.
//
// One lock, held briefly, guards all their state. Nothing that could call back is called under it: what must
// be done outside is collected in `actions` and done after the unlock. Ending a wait needs no memory: lists
// are intrusive or spliced, and a caller that cannot be resumed because memory ran out is kept until the
// timer tries again.
#pragma once

#include "base/lock.hpp"
#include "base/saturating.hpp"
#include "client/context_registry.hpp"
#include "client/event_log.hpp"
#include "client/jitter.hpp"
#include "client/suspended_caller.hpp"
#include "client/timer.hpp"
#include "client/waiting.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/list.hpp>

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

namespace equinix::sts::client_detail {

/// What is left to do once the lock is released.
struct home_actions {
    suspended_callers resume;
    event_log events;
};

/// A caller that waits for the end of a home.
struct end_waiter : boost::intrusive::list_base_hook<> {
    suspended_caller caller;
};

/// `Actions` derives from `home_actions`. Owned by a shared pointer.
template <class Actions>
class home : public context_home {
public:
    home(home const&) = delete;
    home& operator=(home const&) = delete;

    mutable base::mutex mutex;

    /// Ends everything immediately. Does nothing in a child of `fork()`, or once the context is gone.
    void close() noexcept STS_EXCLUDES(mutex) {
        if (!is_owner()) return; // before the lock, which a thread of the parent may have held
        context_homes::use const context(*homes_);
        if (!context) return;
        // Destroyed before the use: it may hold sockets, whose executor may be a strand of the context.
        Actions todo;
        base::mutex_lock held(mutex);
        close_locked(todo);
        unlock_and_act(held, todo);
    }

    /// Refuses new callers. Resumes this caller when everything in progress has ended, by itself or by the
    /// timeout.
    void drain(end_waiter& one) noexcept STS_EXCLUDES(mutex) {
        Actions todo;
        base::mutex_lock held(mutex);
        ends_.push_back(one);
        if (!closed_) {
            draining_ = true;
            drain_deadline_ = std::min(drain_deadline_, base::after(base::clock::now(), shutdown_timeout_));
            wake_at(drain_deadline_);
        }
        unlock_and_act(held, todo);
    }

    /// Resumes a caller that cannot wait because memory ran out.
    void turn_away(suspended_caller& caller) noexcept STS_EXCLUDES(mutex) {
        Actions todo;
        base::mutex_lock held(mutex);
        todo.resume.push_back(caller);
        unlock_and_act(held, todo);
    }

    /// Unlocks, then does what is left to do.
    void unlock_and_act(base::mutex_lock& held, Actions& todo) noexcept STS_RELEASES(mutex) STS_NOT_ANALYZED {
        auto const self = shared_from_this(); // once unlocked, another thread may release the last handle
        settle_unlocking(todo);
        held.unlock();
        act(todo);
    }

    /// Whether new callers are refused.
    bool is_closed() const noexcept STS_REQUIRES(mutex) { return closed_ || draining_; }

protected:
    home(boost::asio::any_io_executor executor, bool thread_safe, std::chrono::nanoseconds shutdown_timeout)
        : mutex(thread_safe), homes_(context_registry::of(executor)), executor_(std::move(executor)),
          timer_(executor_), shutdown_timeout_(shutdown_timeout), owner_(::getpid()) {}
    ~home() override { BOOST_ASSERT(gone_ || !joined_); }

    /// To be called last in the constructor of the derived class. From then on the home is notified when the
    /// context is destroyed.
    void join_context() {
        homes_->add(*this);
        joined_ = true;
    }

    /// To be called first in the destructor of the derived class: what it holds may be the user's, and the
    /// last owner of the context.
    void leave_context() noexcept STS_NOT_ANALYZED {
        if (gone_ || !joined_) return;
        context_homes::use const last(*homes_, *this);
        remains all;
        detach(all); // without the lock, which in a child of `fork()` a thread of the parent may have held
        destroy_remains(all);
    }

    /// Posts completions.
    void resume(suspended_callers& callers) noexcept STS_EXCLUDES(mutex) {
        while (!callers.empty()) {
            auto& caller = callers.front();
            callers.pop_front();
            if (caller.post()) continue;
            base::mutex_lock const held(mutex);
            keep_undelivered(caller);
        }
    }

    void keep_undelivered(suspended_caller& caller) noexcept STS_REQUIRES(mutex) {
        undelivered_.push_back(caller);
        wake_at(base::clock::now() + between_deliveries);
    }

    /// Makes the timer call `pass_time` at this time, or earlier if that was requested.
    void wake_at(base::clock::time_point when) noexcept STS_REQUIRES(mutex) { timer_.wake_at(when, *this); }

    /// False in a child of `fork()`, which has inherited the parent's descriptors.
    bool is_owner() const noexcept { return ::getpid() == owner_; }

    void close_locked(Actions& todo) noexcept STS_REQUIRES(mutex) {
        if (closed_) return;
        closed_ = true;
        drain_deadline_ = base::clock::time_point::max();
        end(todo);
        timer_.cancel();
        if (!undelivered_.empty()) wake_at(base::clock::now() + between_deliveries);
    }

    std::shared_ptr<context_homes> const homes_;
    boost::asio::any_io_executor executor_ STS_GUARDED_BY(mutex); // none once the context is gone
    timer timer_ STS_GUARDED_BY(mutex);
    jitter random_ STS_GUARDED_BY(mutex);
    suspended_callers undelivered_ STS_GUARDED_BY(mutex); // because memory ran out
    base::clock::time_point drain_deadline_ STS_GUARDED_BY(mutex) = base::clock::time_point::max();
    bool draining_ STS_GUARDED_BY(mutex) = false;
    bool closed_ STS_GUARDED_BY(mutex) = false;
    bool gone_ STS_GUARDED_BY(mutex) = false; // the context

private:
    static constexpr auto between_deliveries = std::chrono::milliseconds(50);

    /// Does what may add to the actions and must release the lock: calls the user, begins other exchanges.
    virtual void work_off_unlocking(Actions& todo) noexcept STS_REQUIRES(mutex) = 0;

    /// Whether a drain has nothing left to wait for, and whether a shutdown is complete.
    virtual bool is_drained() const noexcept STS_REQUIRES(mutex) = 0;
    virtual bool has_ended() const noexcept STS_REQUIRES(mutex) = 0;

    /// Called last before the lock is released.
    virtual void before_unlock_unlocking(Actions& todo) noexcept STS_REQUIRES(mutex) = 0;

    /// Carries out the actions.
    virtual void act(Actions& todo) noexcept STS_EXCLUDES(mutex) = 0;

    /// Ends everything in progress; the home is closed.
    virtual void end(Actions& todo) noexcept STS_REQUIRES(mutex) = 0;

    /// The timer has fired: called before the lock is taken, and with it held.
    virtual void before_time() noexcept STS_EXCLUDES(mutex) {}
    virtual void pass_time(Actions& todo) noexcept STS_REQUIRES(mutex) = 0;

    /// The context is gone. `give_up` hands over the waiting callers, whose coroutines are destroyed, and
    /// forgets them; then `let_go`, without the lock, destroys what lives on the context.
    virtual void give_up(suspended_callers& callers, Actions& todo) noexcept STS_REQUIRES(mutex) = 0;
    virtual void let_go(Actions& todo) noexcept STS_EXCLUDES(mutex) = 0;

    void settle_unlocking(Actions& todo) noexcept STS_REQUIRES(mutex) {
        for (;;) {
            work_off_unlocking(todo);
            if (!draining_ || closed_ || !is_drained()) break;
            close_locked(todo);
        }
        while (closed_ && !ends_.empty() && has_ended()) {
            todo.resume.push_back(ends_.front().caller);
            ends_.pop_front();
        }
        before_unlock_unlocking(todo);
    }

    void on_timer(std::uint64_t generation) noexcept final {
        {
            base::mutex_lock const held(mutex);
            if (gone_ || !timer_.counts(generation)) return;
        }
        before_time();
        Actions todo;
        base::mutex_lock held(mutex);
        if (gone_) return;
        todo.resume.swap(undelivered_);
        bool const over = base::clock::now() >= drain_deadline_;
        if (!closed_) pass_time(todo);
        if (over) close_locked(todo);
        unlock_and_act(held, todo);
    }

    /// What is destroyed once the home has left its context.
    struct remains {
        Actions todo;
        suspended_callers callers;
        boost::asio::any_io_executor executor;
        std::optional<boost::asio::steady_timer> timer;
    };

    void detach(remains& all) noexcept STS_REQUIRES(mutex) {
        BOOST_ASSERT(!gone_);
        gone_ = closed_ = true;
        all.executor.swap(executor_);
        all.timer = timer_.release();
        give_up(all.callers, all.todo);
        for (; !ends_.empty(); ends_.pop_front())
            all.callers.push_back(ends_.front().caller);
        all.callers.splice(all.callers.end(), undelivered_);
    }

    void destroy_remains(remains& all) noexcept STS_EXCLUDES(mutex) {
        let_go(all.todo);
        all.timer.reset();
        all.executor = boost::asio::any_io_executor();
        while (!all.callers.empty()) {
            auto& caller = all.callers.front();
            all.callers.pop_front();
            caller.destroy();
        }
    }

    void context_gone() noexcept final {
        remains all;
        {
            base::mutex_lock const held(mutex);
            detach(all);
        }
        destroy_remains(all);
    }

    std::chrono::nanoseconds const shutdown_timeout_;
    pid_t const owner_;
    bool joined_ = false; // since the end of the constructor
    boost::intrusive::list<end_waiter> ends_ STS_GUARDED_BY(mutex);
};

/// How a coroutine waits for the end of a home. A cancellation ends the home immediately.
template <class Home>
class end_wait {
public:
    explicit end_wait(Home& what) : home_(&what) {}

    suspended_caller& caller() noexcept { return waiter_.caller; }
    void begin() noexcept { home_->drain(waiter_); }
    void refuse() noexcept { home_->turn_away(waiter_.caller); }
    auto canceler() const noexcept {
        return [weak = home_->weak_from_this()](boost::asio::cancellation_type) {
            if (auto const still = weak.lock()) still->close();
        };
    }

private:
    Home* home_;
    end_waiter waiter_;
};

/// The complete `shutdown`. The owner keeps the home, which is `*what`, alive.
template <class Owner, class Home>
boost::asio::awaitable<void> shut_down([[maybe_unused]] std::shared_ptr<Owner> owner, Home* what) {
    auto const before = co_await boost::asio::this_coro::cancellation_state;
    if (was_canceled(before)) what->close();
    end_wait<Home> wait(*what);
    co_await suspend(wait);
}

} // namespace equinix::sts::client_detail
