// The one place that validates client options.
#pragma once

#include <equinix/sts/options.hpp>

namespace equinix::sts::values {

/// Throws `error` of kind `config` that names the first option out of its range.
void check_options(client_options const& options);

} // namespace equinix::sts::values
