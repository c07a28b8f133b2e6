// Random numbers that keep many clients from acting at the same moment. Nothing secret depends on them.
#pragma once

#include <cstdint>
#include <random>

namespace equinix::sts::client_detail {

class jitter {
public:
    /// Seeded by the system; where the system has no random numbers, by values that differ between clients.
    jitter() noexcept;

    /// Uniformly distributed over the whole range.
    std::uint32_t next() noexcept;

private:
    std::minstd_rand source_;
};

} // namespace equinix::sts::client_detail
