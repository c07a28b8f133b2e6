// Memory that is overwritten when it is released.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

/// Overwrites memory in a way that the optimiser keeps.
void wipe(void* data, std::size_t size) noexcept;

/// Overwrites the part of the stack that functions called from here have used, up to 16 KiB: some libraries
/// unfold what they read in a local buffer.
void wipe_stack_below() noexcept;

/// Compares texts of one length in a time that does not depend on where they differ.
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
    friend bool operator==(wiping_allocator, wiping_allocator) noexcept { return true; }
};

/// A growing buffer for secrets. A vector, not a string: a string keeps short texts inside itself.
using wiped_buffer = std::vector<char, wiping_allocator<char>>;

inline std::string_view view(wiped_buffer const& buffer) noexcept {
    return {buffer.data(), buffer.size()};
}

inline void append(wiped_buffer& buffer, std::string_view text) {
    buffer.insert(buffer.end(), text.begin(), text.end());
}

/// Overwrites the content and makes the buffer empty; its memory is kept for the next use.
inline void clear(wiped_buffer& buffer) noexcept {
    wipe(buffer.data(), buffer.size());
    buffer.clear();
}

} // namespace equinix::sts::core
