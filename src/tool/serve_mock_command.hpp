// `sts-token serve-mock`: the mock service as a process of its own.
#pragma once

#include "tool/arguments.hpp"

namespace equinix::sts::tool {

/// Serves until SIGINT or SIGTERM. The exit code.
int serve_mock(serve_mock_arguments const& given);

} // namespace equinix::sts::tool
