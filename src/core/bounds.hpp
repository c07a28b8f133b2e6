// What the error of a time limit says: how long, for what, and what to check.
#pragma once

#include <equinix/sts/error.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace equinix::sts::core {

/// A connection was not open in time. `host` is the proxy's in the phases before its tunnel, if there is one.
error_info opening_is_over(phase where, std::string_view host, std::uint16_t port,
                           std::chrono::nanoseconds limit) noexcept;

/// An attempt did not end in time.
error_info attempt_is_over(phase where, std::chrono::nanoseconds limit) noexcept;

/// An exchange did not end in time.
error_info exchange_is_over(phase where, std::chrono::nanoseconds limit) noexcept;

/// A caller of a token source or cache got no token in time. `so_far` is the last failure of the exchange for
/// which it waited, null if there was none.
error_info wait_is_over(std::chrono::nanoseconds limit, error_info const* so_far = nullptr) noexcept;

} // namespace equinix::sts::core
