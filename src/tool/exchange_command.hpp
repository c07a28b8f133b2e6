// `sts-token` without a subcommand: exchanges and prints.
#pragma once

#include "tool/arguments.hpp"

namespace equinix::sts::tool {

/// Returns the exit code: 0 when every exchange succeeded, otherwise 1.
int run_exchanges(exchange_arguments const& given);

} // namespace equinix::sts::tool
