#include "client/clocks.hpp"

#include <time.h>

namespace equinix::sts::client_detail {
namespace {

template <class Clock>
typename Clock::time_point coarse(clockid_t which) noexcept {
    timespec now{};
    ::clock_gettime(which, &now);
    auto const since = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    return typename Clock::time_point(std::chrono::duration_cast<typename Clock::duration>(since));
}

} // namespace

time_stamp now_on_both_clocks() noexcept {
    return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

time_stamp lately_on_both_clocks() noexcept {
    return {coarse<std::chrono::steady_clock>(CLOCK_MONOTONIC_COARSE),
            coarse<std::chrono::system_clock>(CLOCK_REALTIME_COARSE)};
}

} // namespace equinix::sts::client_detail
