// Memory for objects of one type that come and go all the time.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {

/// Gives a class an operator new and delete of its own, over a few blocks that each thread keeps. Where an
/// object of a class derived from it is of another size, the heap serves.
template <class T>
class recycled {
public:
    static void* operator new(std::size_t size) {
        if (size != sizeof(T) || first_ == nullptr) return ::operator new(size);
        auto* const taken = first_;
        first_ = taken->next;
        --count_;
        return taken;
    }
    static void operator delete(void* p, std::size_t size) noexcept {
        [[maybe_unused]] auto& at_end = sweeper_; // has it made, so that it sweeps
        if (size != sizeof(T) || count_ >= most) {
            ::operator delete(p);
            return;
        }
        first_ = ::new (p) block{first_};
        ++count_;
    }

private:
#ifdef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
    static constexpr unsigned most = 0; // for sanitizers, which want to see each object's end
#else
    static constexpr unsigned most = 64; // as many as end in one turn of a busy executor
#endif

    struct block {
        block* next;
    };

    /// With the thread. What is given back still later goes to the heap.
    struct sweeper {
        ~sweeper() {
            count_ = most;
            while (first_ != nullptr)
                ::operator delete(std::exchange(first_, first_->next));
        }
    };

    static thread_local constinit inline block* first_ = nullptr;
    static thread_local constinit inline unsigned count_ = 0;
    static thread_local inline sweeper sweeper_;
};

} // namespace equinix::sts::client_detail
