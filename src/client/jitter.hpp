// Random numbers that keep many clients from doing the same at the same time. Nothing secret depends on them.
#pragma once

#include <cstdint>
#include <random>

namespace equinix::sts::client_detail {

class jitter {
public:
    /// Seeded by the system; where that has no random numbers, by what differs between clients.
    jitter() noexcept;

    /// Evenly distributed over its whole range.
    std::uint32_t next() noexcept;

private:
    std::minstd_rand source_;
};

} // namespace equinix::sts::client_detail
