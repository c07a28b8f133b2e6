// Reads the tool's secrets from files and the environment, as the library's suppliers do.
#pragma once

#include <equinix/sts/secret.hpp>

#include <chrono>
#include <string>

namespace equinix::sts::tool {

/// The content of a file, which may be a pipe or a device, without white space at either end. Throws `error`
/// of kind `config` when the file cannot be read, has not ended after `at_most`, is empty or is larger than
/// 64 KiB. The error names `option` and the path, unless that may be a secret in the wrong place; never the
/// content.
secret secret_from_file(std::string const& option, std::string const& path, std::chrono::nanoseconds at_most);

/// The value of a variable, likewise.
secret secret_from_environment(std::string const& option, std::string const& name);

} // namespace equinix::sts::tool
