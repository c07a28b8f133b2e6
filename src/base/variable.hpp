// Variables of the environment.
#pragma once

#include <cstdlib>
#include <string_view>

namespace equinix::sts::base {

/// The value; empty when the variable is unset. Valid until the environment is changed.
inline std::string_view variable(char const* name) noexcept {
    auto const* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here changes it
    return value == nullptr ? std::string_view() : std::string_view(value);
}

} // namespace equinix::sts::base
