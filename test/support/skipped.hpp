// Cases that were left out because this machine lacks what they need.
#pragma once

namespace test {

/// Set when there is one: a program of which nothing failed then ends with `exit_code_of_skipped`, so that
/// ctest tells of it; what failed counts for more.
extern bool any_skipped;

inline constexpr int exit_code_of_skipped = 77; // SKIP_RETURN_CODE

} // namespace test
