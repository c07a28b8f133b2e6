// The project's own lock, annotated for clang's thread safety analysis: clang rejects unguarded accesses.
#pragma once

#include <boost/assert.hpp>

#include <mutex>

#ifdef __clang__
#define STS_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define STS_THREAD_SAFETY(attribute)
#endif

/// For a member: it is read and written only under this lock.
#define STS_GUARDED_BY(lock) STS_THREAD_SAFETY(guarded_by(lock))
/// For a function: the caller holds the lock. The function may release it meanwhile if its name says so.
#define STS_REQUIRES(lock) STS_THREAD_SAFETY(requires_capability(lock))
/// For a function: the caller does not hold the lock.
#define STS_EXCLUDES(lock) STS_THREAD_SAFETY(locks_excluded(lock))
/// For a function: the caller holds the lock, and no longer holds it afterwards.
#define STS_RELEASES(lock) STS_THREAD_SAFETY(release_capability(lock))
/// For a function's body: the analysis cannot follow it.
#define STS_NOT_ANALYZED STS_THREAD_SAFETY(no_thread_safety_analysis)

namespace equinix::sts::base {

class STS_THREAD_SAFETY(capability("mutex")) mutex {
public:
    /// A disabled mutex does nothing: one thread owns everything that it guards.
    explicit mutex(bool enabled = true) noexcept : enabled_(enabled) {}
    mutex(mutex const&) = delete;
    mutex& operator=(mutex const&) = delete;

    void lock() STS_THREAD_SAFETY(acquire_capability()) {
        if (enabled_) mutex_.lock();
    }
    void unlock() STS_THREAD_SAFETY(release_capability()) {
        if (enabled_) mutex_.unlock();
    }
    /// Asserts to the analysis what it cannot see: the caller holds this lock.
    void assert_held() const noexcept STS_THREAD_SAFETY(assert_capability(this)) {}
    bool try_lock() STS_THREAD_SAFETY(try_acquire_capability(true)) { return !enabled_ || mutex_.try_lock(); }

private:
    std::mutex mutex_;
    bool const enabled_;
};

/// Holds a lock until its destruction, or until `unlock()`.
class STS_THREAD_SAFETY(scoped_lockable) mutex_lock {
public:
    explicit mutex_lock(mutex& held) STS_THREAD_SAFETY(acquire_capability(held)) : held_(&held) {
        held.lock();
    }
    mutex_lock(mutex_lock const&) = delete;
    mutex_lock& operator=(mutex_lock const&) = delete;
    ~mutex_lock() STS_THREAD_SAFETY(release_capability()) {
        if (held_ != nullptr) held_->unlock();
    }

    void unlock() STS_THREAD_SAFETY(release_capability()) {
        BOOST_ASSERT(held_ != nullptr);
        held_->unlock();
        held_ = nullptr;
    }

private:
    mutex* held_;
};

/// Releases a lock that the function's caller holds, and takes it again on destruction.
class STS_THREAD_SAFETY(scoped_lockable) unlocked {
public:
    explicit unlocked(mutex& held) STS_THREAD_SAFETY(release_capability(held)) : held_(&held) {
        held.unlock();
    }
    unlocked(unlocked const&) = delete;
    unlocked& operator=(unlocked const&) = delete;
    ~unlocked() STS_THREAD_SAFETY(release_capability()) { held_->lock(); }

private:
    mutex* held_;
};

} // namespace equinix::sts::base
