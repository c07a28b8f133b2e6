#include "client/stripes.hpp"

#include <sched.h>
#include <time.h>

#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

namespace equinix::sts::client_detail {
namespace {

std::atomic<unsigned> threads = 0;

/// The number of the CPU that runs this thread; negative where the C library does not have it from the
/// kernel.
int own_cpu() noexcept {
#if __has_include(<sys/rseq.h>)
    if (__rseq_size == 0) return -1;
    auto const* const self = static_cast<char const*>(__builtin_thread_pointer());
    return static_cast<int>(
        reinterpret_cast<struct rseq const volatile*>(self + __rseq_offset)->cpu_id); // NOLINT
#else
    return -1;
#endif
}

/// Threads are numbered from 1. Not by a dynamic initialiser, which would be checked on each use.
unsigned own_number() noexcept {
    thread_local constinit unsigned number = 0;
    if (number == 0) number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
    return number;
}

} // namespace

// Two threads that run at the same time are on two CPUs, but may have the same number modulo the stripes.
std::size_t own_stripe() noexcept {
    auto const cpu = own_cpu();
    return (cpu < 0 ? own_number() : static_cast<unsigned>(cpu)) % stripe_count;
}

void spin_lock::wait(unsigned spins) noexcept {
    timespec const moment{0, 50'000};
    if (spins > 1024)
        ::nanosleep(&moment, nullptr); // a real-time thread yields to no other
    else
        ::sched_yield();
}

} // namespace equinix::sts::client_detail
