// Memory that is overwritten when it is released.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts::base {

/// Overwrites memory such that the optimiser cannot remove it.
void wipe(void* data, std::size_t size) noexcept;

/// Overwrites the part of the stack that functions called from here have used, up to 16 KiB: some libraries
/// decode what they read in a local buffer.
void wipe_stack_below() noexcept;

/// Compares texts of equal length in a time that does not depend on where they differ.
bool equal_secrets(std::string_view a, std::string_view b) noexcept;

template <class T>
struct wiping_allocator {
    using value_type = T;

    wiping_allocator() noexcept = default;
    template <class U>
    wiping_allocator(wiping_allocator<U> const&) noexcept {}

    T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
    void deallocate(T* p, std::size_t n) noexcept {
        wipe(p, n * sizeof(T));
        std::allocator<T>().deallocate(p, n);
    }
    /// A new element is left uninitialised: code that grows a buffer writes the new part.
    template <class U>
    void construct(U* p) noexcept {
        ::new (static_cast<void*>(p)) U;
    }
    template <class U, class... Args>
    void construct(U* p, Args&&... args) {
        ::new (static_cast<void*>(p)) U(std::forward<Args>(args)...);
    }
    friend bool operator==(wiping_allocator, wiping_allocator) noexcept { return true; }
};

/// A growing buffer for secrets. A vector, not a string: a string keeps short texts inside itself.
using wiped_buffer = std::vector<char, wiping_allocator<char>>;

inline std::string_view view(wiped_buffer const& buffer) noexcept {
    return {buffer.data(), buffer.size()};
}

inline void append(wiped_buffer& buffer, std::string_view text) {
    // Not insert(): with an allocator of its own a vector copies byte by byte.
    auto const size = buffer.size();
    buffer.resize(size + text.size());
    if (!text.empty()) std::memcpy(buffer.data() + size, text.data(), text.size());
}

/// Overwrites the content and makes the buffer empty; the memory is kept for the next use.
inline void wipe(wiped_buffer& buffer) noexcept {
    wipe(buffer.data(), buffer.size());
    buffer.clear();
}

/// As above, for a buffer that may not be used again soon: keeps 8 KiB at most.
inline void wipe_and_shrink(wiped_buffer& buffer) noexcept {
    if (buffer.capacity() > std::size_t(8) * 1024)
        wiped_buffer().swap(buffer);
    else
        wipe(buffer);
}

} // namespace equinix::sts::base
