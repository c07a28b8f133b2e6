// A token as callers see it without the desk's lock.
#pragma once

#include <equinix/sts/token.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

namespace equinix::sts::client_detail {

using token_ptr = std::shared_ptr<token const>;

/// The result of a look.
struct sight {
    token_ptr token;  ///< null when none is valid
    bool due = false; ///< to be refreshed
};

struct token_view {
    /// A moment, in ns of the respective clock.
    struct moment {
        moment() = default;
        explicit moment(time_stamp at) noexcept
            : steady(std::chrono::nanoseconds(at.steady.time_since_epoch()).count()),
              system(std::chrono::nanoseconds(at.system.time_since_epoch()).count()) {}

        /// Whether it has come by one of the clocks.
        bool is_over(moment now) const noexcept { return now.steady >= steady || now.system >= system; }

        std::int64_t steady = 0, system = 0;
    };

    bool serves(moment now) const noexcept { return held && !until.is_over(now); }
    sight look(moment now) const noexcept { return serves(now) ? sight{held, due.is_over(now)} : sight(); }

    token_ptr held;
    moment until, due;
};

} // namespace equinix::sts::client_detail
