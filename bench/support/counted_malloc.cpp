// The C library's functions under its own second names (glibc). Not malloc alone: Asio takes coroutine frames
// from aligned_alloc.
#include "support/counted_malloc.hpp"

#include <cerrno>
#include <cstddef>

extern "C" {
void* __libc_malloc(std::size_t size);                          // NOLINT: their names
void* __libc_calloc(std::size_t count, std::size_t size);       // NOLINT
void* __libc_realloc(void* old, std::size_t size);              // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size); // NOLINT
}

namespace {

thread_local constinit std::uint64_t calls = 0;

} // namespace

std::uint64_t equinix::sts::bench::allocations_of_thread() noexcept {
    return calls;
}

extern "C" {

void* malloc(std::size_t size) {
    ++calls;
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    ++calls;
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
    ++calls;
    return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    ++calls;
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    ++calls;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    ++calls;
    auto* const made = __libc_memalign(alignment, size);
    if (made == nullptr) return ENOMEM;
    *out = made;
    return 0;
}
}
