#include "net/http2_memory.hpp"

#include "base/wiped.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace equinix::sts::net {
namespace {

/// Precedes each block: its size.
union block_head {
    std::size_t size;
    std::max_align_t aligned;
};

block_head* head_of(void* block) noexcept {
    return static_cast<block_head*>(block) - 1;
}

void* take(std::size_t size, void*) noexcept {
    if (size > std::numeric_limits<std::size_t>::max() - sizeof(block_head)) return nullptr;
    auto* const head = static_cast<block_head*>(std::malloc(sizeof(block_head) + size)); // NOLINT: C's memory
    if (head == nullptr) return nullptr;
    head->size = size;
    return head + 1;
}

void release(void* block, void*) noexcept {
    if (block == nullptr) return;
    auto* const head = head_of(block);
    base::wipe(block, head->size);
    std::free(head); // NOLINT: C's memory
}

void* take_zeroed(std::size_t count, std::size_t size, void*) noexcept {
    if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
    auto* const block = take(count * size, nullptr);
    if (block != nullptr) std::memset(block, 0, count * size);
    return block;
}

void* resize(void* block, std::size_t size, void*) noexcept {
    auto* const moved = take(size, nullptr);
    if (moved == nullptr || block == nullptr) return moved;
    std::memcpy(moved, block, std::min(size, head_of(block)->size));
    release(block, nullptr);
    return moved;
}

} // namespace

nghttp2_mem* wiping_memory() noexcept {
    static constinit nghttp2_mem memory{nullptr, take, release, take_zeroed, resize};
    return &memory;
}

} // namespace equinix::sts::net
