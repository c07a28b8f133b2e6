// What a thread and the process have used so far.
#pragma once

#include <cstddef>
#include <cstdint>

namespace equinix::sts::bench {

struct thread_usage {
    double cpu_us = 0;                 ///< exact
    double user_us = 0, system_us = 0; ///< the kernel's split of it, as fine as its clock tick
    std::uint64_t allocations = 0;     ///< calls that ask for memory: malloc and the like, of libraries too

    thread_usage operator-(thread_usage const& earlier) const noexcept;
    thread_usage& operator+=(thread_usage const& other) noexcept;
};

/// Of the calling thread.
thread_usage usage_of_thread() noexcept;

/// Memory of the process that is really there, in KiB.
double resident_kb() noexcept;

/// So many descriptors as the system lets a process have.
void allow_many_descriptors() noexcept;

} // namespace equinix::sts::bench
