// Memory for an asynchronous operation's handler, so that starting the operation needs none from the heap.
#pragma once

#include <boost/assert.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

namespace equinix::sts::client_detail {

/// One block. Must outlive the operation until just before its handler is called. Falls back to the heap when
/// the block is taken or too small.
class handler_memory {
public:
    handler_memory() = default;
    ~handler_memory() { BOOST_ASSERT(!taken_.test()); }
    handler_memory(handler_memory const&) = delete;
    handler_memory& operator=(handler_memory const&) = delete;

    void* take(std::size_t size) {
        if (size <= sizeof(block_) && !taken_.test_and_set()) return block_;
        return ::operator new(size);
    }
    void give_back(void* p) noexcept {
        if (p == block_)
            taken_.clear();
        else
            ::operator delete(p);
    }

private:
    alignas(std::max_align_t) std::byte block_[224];
    std::atomic_flag taken_;
};

/// Makes Asio allocate a handler's operation in a `handler_memory`.
template <class T>
struct handler_allocator {
    using value_type = T;

    explicit handler_allocator(handler_memory& where) noexcept : memory(&where) {}
    template <class U>
    handler_allocator(handler_allocator<U> const& other) noexcept : memory(other.memory) {}

    T* allocate(std::size_t n) { return static_cast<T*>(memory->take(n * sizeof(T))); }
    void deallocate(T* p, std::size_t) noexcept { memory->give_back(p); }

    template <class U>
    bool operator==(handler_allocator<U> const& other) const noexcept {
        return memory == other.memory;
    }

    handler_memory* memory;
};

} // namespace equinix::sts::client_detail
