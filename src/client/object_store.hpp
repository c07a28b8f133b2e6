// Memory for objects of one type that are created and destroyed frequently.
#pragma once

#include "base/lock.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {

/// Reuses the memory of a few destroyed objects. Must outlive its objects. (Not a list per thread: destroying
/// one at thread exit would keep a plug-in loaded as long as any thread that has used it.)
template <class T>
class object_store {
public:
    explicit object_store(bool thread_safe) : mutex_(thread_safe) {}
    object_store(object_store const&) = delete;
    object_store& operator=(object_store const&) = delete;
    ~object_store() {
        BOOST_ASSERT(alive_ == 0);
        while (first_ != nullptr)
            ::operator delete(std::exchange(first_, first_->next));
    }

    class give_back {
    public:
        explicit give_back(object_store& to) noexcept : to_(&to) {}
        void operator()(T* object) const noexcept {
            object->~T();
            to_->keep(object);
        }

    private:
        object_store* to_;
    };
    using pointer = std::unique_ptr<T, give_back>;

    template <class... Arguments>
    pointer make(Arguments&&... arguments) {
        void* const memory = take();
        try {
            return pointer(::new (memory) T(std::forward<Arguments>(arguments)...), give_back(*this));
        } catch (...) {
            keep(memory);
            throw;
        }
    }

private:
#ifdef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
    static constexpr unsigned most = 0; // for sanitizers, which must see the end of each object
#else
    static constexpr unsigned most = 64; // as many as end in one turn of a busy executor
#endif

    struct block {
        block* next;
    };

    void* take() {
        {
            base::mutex_lock const lock(mutex_);
            ++alive_;
            if (first_ != nullptr) {
                --count_;
                return std::exchange(first_, first_->next);
            }
        }
        try {
            return ::operator new(sizeof(T));
        } catch (...) {
            base::mutex_lock const lock(mutex_);
            --alive_;
            throw;
        }
    }

    void keep(void* memory) noexcept {
        {
            base::mutex_lock const lock(mutex_);
            BOOST_ASSERT(alive_ != 0);
            --alive_;
            if (count_ < most) {
                first_ = ::new (memory) block{first_};
                ++count_;
                return;
            }
        }
        ::operator delete(memory);
    }

    base::mutex mutex_;
    block* first_ STS_GUARDED_BY(mutex_) = nullptr;
    unsigned count_ STS_GUARDED_BY(mutex_) = 0;
    std::size_t alive_ STS_GUARDED_BY(mutex_) = 0;
};

} // namespace equinix::sts::client_detail
