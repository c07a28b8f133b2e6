// A thread for calls that block and cannot be cancelled. It lives as long as there are such calls to make.
//
// The thread owns only shared state: callers can stop waiting, and the worker can be destroyed, while a call
// blocks.
#pragma once

#include "base/detached_thread.hpp"
#include "base/lock.hpp"
#include "base/pending_answer.hpp"

#include <boost/assert.hpp>

#include <iterator>
#include <list>
#include <memory>
#include <new>
#include <utility>

namespace equinix::sts::base {

/// Makes one call at a time. All waiters for the same key get the same answer.
template <class Key, class Answer>
class detached_worker {
public:
    using waiter_ptr = std::shared_ptr<pending_answer<Answer>>;
    using call = Answer (*)(Key const&); ///< may throw `std::bad_alloc` only

    /// What a caller gets that asks for a key while the call for it is in progress.
    enum class late {
        joins,    ///< the answer of that call
        calls_new ///< the answer of a later call: the current one may find what is older than the question
    };

    /// `without_memory` is the answer when there is no memory for one.
    detached_worker(call make, late rule, Answer without_memory)
        : state_(std::make_shared<state>(make, rule, std::move(without_memory))) {}
    detached_worker(detached_worker const&) = delete;
    detached_worker& operator=(detached_worker const&) = delete;

    /// Does not wait for the call in progress; the queued calls are still made.
    ~detached_worker() = default;

    /// Drops the calls that are queued behind the one in progress.
    void drop_waiting() noexcept {
        jobs dropped;
        if (!state_->mutex.try_lock()) return; // making them does no harm
        auto& all = state_->all;
        if (!all.empty()) dropped.splice(dropped.end(), all, std::next(all.begin()), all.end());
        state_->mutex.unlock();
    }

    /// Throws like `run_detached`; the waiter is not called then.
    void start(Key const& key, waiter_ptr waiter) {
        waiters left; // outlives the lock: destroying a waiter may destroy an executor
        waiters one{std::move(waiter)};
        mutex_lock const lock(state_->mutex);
        for (auto& job : state_->all)
            take_left(job.waiting, left);
        state_->all.remove_if([](job const& one) { return !one.begun && one.waiting.empty(); });
        for (auto& job : state_->all)
            if (job.key == key && (!job.begun || state_->rule == late::joins)) {
                job.waiting.splice(job.waiting.end(), one);
                return;
            }
        state_->all.push_back(job{key, {}});
        if (!state_->busy) {
            try {
                run_detached([shared = state_] { work(shared); });
            } catch (...) {
                state_->all.pop_back();
                throw;
            }
            state_->busy = true;
        }
        state_->all.back().waiting.swap(one);
    }

private:
    using waiters = std::list<waiter_ptr>;

    struct job {
        Key key;
        waiters waiting;
        bool begun = false;
    };
    using jobs = std::list<job>;

    struct state {
        state(call make_it, late what, Answer without)
            : make(make_it), rule(what), without_memory(std::move(without)) {}

        call const make;
        late const rule;
        Answer const without_memory;
        base::mutex mutex;
        jobs all STS_GUARDED_BY(mutex); // only the first may have begun
        bool busy STS_GUARDED_BY(mutex) = false;
    };

    /// Moves the waiters that no one else holds any longer.
    static void take_left(waiters& from, waiters& left) noexcept {
        for (auto at = from.begin(); at != from.end();) {
            auto const next = std::next(at);
            if (at->use_count() == 1) left.splice(left.end(), from, at);
            at = next;
        }
    }

    static void work(std::shared_ptr<state> const& self) noexcept {
        mutex_lock const lock(self->mutex);
        while (!self->all.empty()) {
            auto const first = self->all.begin();
            first->begun = true;
            std::shared_ptr<Answer const> answer;
            {
                unlocked const meanwhile(self->mutex);
                answer = made(first->key, self);
            }
            BOOST_ASSERT(first == self->all.begin());
            jobs done;
            done.splice(done.begin(), self->all, first);
            unlocked const meanwhile(self->mutex);
            for (auto const& waiter : done.front().waiting)
                waiter->deliver(answer);
            done.clear();
        }
        self->busy = false;
    }

    static std::shared_ptr<Answer const> made(Key const& key, std::shared_ptr<state> const& self) noexcept {
        try {
            return std::make_shared<Answer const>(self->make(key));
        } catch (std::bad_alloc const&) {
            return {self, &self->without_memory};
        }
    }

    std::shared_ptr<state> const state_;
};

} // namespace equinix::sts::base
