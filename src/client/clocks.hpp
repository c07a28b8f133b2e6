// Both clocks at once.
#pragma once

#include <equinix/sts/token.hpp>

namespace equinix::sts::client_detail {

time_stamp now_on_both_clocks() noexcept;

/// Up to a few milliseconds ago, at a fifth of the cost: enough to see whether a token is good, whose margin
/// is far larger.
time_stamp lately_on_both_clocks() noexcept;

} // namespace equinix::sts::client_detail
