#include "client/jitter.hpp"

#include <unistd.h>

#include <chrono>
#include <exception>

namespace equinix::sts::client_detail {
namespace {

std::uint32_t seed_for(void const* who) noexcept {
    try {
        return std::random_device()();
    } catch (std::exception const&) {
        auto const now =
            static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
        auto const process = static_cast<std::uint64_t>(::getpid()) << 32;
        auto const differs = now ^ process ^ reinterpret_cast<std::uintptr_t>(who); // NOLINT: as a number
        return static_cast<std::uint32_t>(differs * 0x9e3779b97f4a7c15 >> 32);
    }
}

} // namespace

jitter::jitter() noexcept : source_(seed_for(this)) {}

std::uint32_t jitter::next() noexcept {
    constexpr std::uint64_t least = std::minstd_rand::min(), most = std::minstd_rand::max();
    return static_cast<std::uint32_t>((source_() - least) * 0xffffffffU / (most - least));
}

} // namespace equinix::sts::client_detail
