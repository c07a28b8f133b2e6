// How sts-token ends.
#pragma once

#include <equinix/sts/error.hpp>

namespace equinix::sts::tool {

inline constexpr int success = 0;
inline constexpr int some_failure = 1; ///< failures of several kinds, or one without a kind
inline constexpr int wrong_usage = 2;
inline constexpr int not_runnable = 126; ///< as of a shell, of a program that cannot be run
inline constexpr int not_found = 127;
inline constexpr int by_signal = 128; ///< as of a shell: plus the number of the signal

/// The manual page has a table of them.
constexpr int exit_code(error_kind kind) noexcept {
    return 10 + static_cast<int>(kind);
}
static_assert(exit_code(error_kind::config) == 11 &&
              exit_code(static_cast<error_kind>(error_kinds)) < not_runnable);

} // namespace equinix::sts::tool
