// Options that need or exclude each other.
#pragma once

#include "tool/arguments.hpp"

namespace equinix::sts::tool {

/// Throws `usage_error`.
void check(exchange_arguments const& given);

} // namespace equinix::sts::tool
