#include "simulated/simulated_clock.hpp"

#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace test::simulated {
namespace {

constexpr std::int64_t second = 1'000'000'000;

std::int64_t real_now(clockid_t which) {
    timespec now{};
    ::syscall(SYS_clock_gettime, which, &now);
    return static_cast<std::int64_t>(now.tv_sec) * second + now.tv_nsec;
}

// The clocks begin at the real time; nothing here may need more than the system, as anybody may ask first.
std::int64_t const& steady_start() {
    static std::int64_t const at = real_now(CLOCK_MONOTONIC);
    return at;
}
std::int64_t const& wall_start() {
    static std::int64_t const at = real_now(CLOCK_REALTIME);
    return at;
}

constinit std::atomic<std::int64_t> awake = 0, asleep = 0, wall_off = 0;
constinit thread_local std::int64_t look_takes = 0;

void store(std::int64_t ns, timespec& into) {
    into.tv_sec = static_cast<time_t>(ns / second);
    into.tv_nsec = static_cast<long>(ns % second);
}

} // namespace

void advance(std::chrono::nanoseconds by) {
    awake += by.count();
}

void suspend(std::chrono::nanoseconds by) {
    asleep += by.count();
}

void shift_wall_clock(std::chrono::nanoseconds off) {
    wall_off = off.count();
}

std::chrono::nanoseconds elapsed() {
    return std::chrono::nanoseconds(awake + asleep);
}

slow_looks::slow_looks(std::chrono::nanoseconds each) {
    look_takes = each.count();
}

slow_looks::~slow_looks() {
    look_takes = 0;
}

} // namespace test::simulated

using namespace test::simulated;

extern "C" {

int clock_gettime(clockid_t which, timespec* now) {
    switch (which) {
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
        if (look_takes != 0) awake += look_takes;
        store(steady_start() + awake, *now);
        return 0;
    case CLOCK_BOOTTIME:
        store(steady_start() + awake + asleep, *now);
        return 0;
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        store(wall_start() + awake + asleep + wall_off, *now);
        return 0;
    default:
        return static_cast<int>(::syscall(SYS_clock_gettime, which, now));
    }
}

int timerfd_create(int, int) {
    errno = ENOSYS;
    return -1;
}

int epoll_wait(int epoll, epoll_event* events, int size, int timeout) {
    static auto* const real = [] {
        void* const found = ::dlsym(RTLD_NEXT, "epoll_wait");
        int (*function)(int, epoll_event*, int, int) = nullptr;
        std::memcpy(&function, &found, sizeof(found));
        return function;
    }();
    return real(epoll, events, size, timeout < 0 ? 1 : std::min(timeout, 1));
}

} // extern "C"
