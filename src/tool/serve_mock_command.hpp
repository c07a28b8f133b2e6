// `sts-token serve-mock`: the mock service as a separate process.
#pragma once

#include "tool/arguments.hpp"

namespace equinix::sts::tool {

/// Serves until SIGINT or SIGTERM. Returns the exit code.
int serve_mock(serve_mock_arguments const& given);

} // namespace equinix::sts::tool
