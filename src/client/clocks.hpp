// The current time on both clocks.
#pragma once

#include <equinix/sts/token.hpp>

namespace equinix::sts::client_detail {

time_stamp now_on_both_clocks() noexcept;

/// Up to a few milliseconds old, at a fifth of the cost. Precise enough to see whether a token is valid: the
/// margin of that is far larger.
time_stamp lately_on_both_clocks() noexcept;

} // namespace equinix::sts::client_detail
