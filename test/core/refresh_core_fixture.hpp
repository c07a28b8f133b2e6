// The schedule of one token, in simulated time.
#pragma once

#include "core/refresh_core.hpp"

#include <equinix/sts/refresh.hpp>
#include <equinix/sts/token.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
namespace sts = equinix::sts;

struct refresh_core_fixture {
    using refresh_core = core::refresh_core;
    using failure = refresh_core::failure;
    using verdict = refresh_core::verdict;
    using nanoseconds = std::chrono::nanoseconds;
    using seconds = std::chrono::seconds;

    static constexpr std::uint32_t least = 0, most = 0xffffffff; // of what is random

    sts::time_stamp const start{base::clock::time_point() + std::chrono::hours(1000),
                                std::chrono::system_clock::time_point() + std::chrono::hours(24 * 365 * 57)};
    sts::time_stamp now = start;
    sts::refresh_options options;
    refresh_core state;

    void pass(nanoseconds span) {
        now.steady += span;
        now.system += span;
    }
    void at(nanoseconds since_start) { now = {start.steady + since_start, start.system + since_start}; }

    /// A flight that takes no time.
    bool receive(std::optional<seconds> lifetime, std::uint32_t random = least,
                 base::jwt_times const& subject = {}) {
        sts::token fresh;
        fresh.expires_in = lifetime;
        fresh.requested = now;
        return state.received(fresh, subject, now, options, random);
    }
    void fail(failure how = failure::passing, std::uint32_t random = least) {
        state.failed(how, now, random);
    }

    verdict ask(bool flying = false) const { return state.ask(now, flying); }
    bool asks(verdict expected) const { return ask() == expected; }

    nanoseconds due() const { return state.due().steady - start.steady; }
    nanoseconds served() const { return state.served_until().steady - start.steady; }
};

} // namespace test
