#include "support/usage.hpp"

#include "support/counted_malloc.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace equinix::sts::bench {
namespace {

double us(timeval const& time) noexcept {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

} // namespace

thread_usage thread_usage::operator-(thread_usage const& earlier) const noexcept {
    return {cpu_us - earlier.cpu_us, user_us - earlier.user_us, system_us - earlier.system_us,
            allocations - earlier.allocations};
}

thread_usage& thread_usage::operator+=(thread_usage const& other) noexcept {
    cpu_us += other.cpu_us;
    user_us += other.user_us;
    system_us += other.system_us;
    allocations += other.allocations;
    return *this;
}

thread_usage usage_of_thread() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    rusage split{};
    ::getrusage(RUSAGE_THREAD, &split);
    return {static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3,
            us(split.ru_utime), us(split.ru_stime), allocations_of_thread()};
}

double resident_kb() noexcept {
    auto* const file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    long size = 0, resident = 0;
    auto const read = std::fscanf(file, "%ld %ld", &size, &resident);
    std::fclose(file);
    return read == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024
                     : 0;
}

void allow_many_descriptors() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace equinix::sts::bench
