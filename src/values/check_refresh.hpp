// The legal ranges of `refresh_options`.
#pragma once

#include <equinix/sts/refresh.hpp>

namespace equinix::sts::values {

/// Throws `error` of kind `config` that names the member.
void check_refresh(refresh_options const& options);

} // namespace equinix::sts::values
