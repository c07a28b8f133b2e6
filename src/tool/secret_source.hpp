// Where the tool's secrets come from: files and the environment, read as the library's suppliers read them.
#pragma once

#include <equinix/sts/secret.hpp>

#include <chrono>
#include <string>

namespace equinix::sts::tool {

/// The content of a file, which may be a pipe or a device, without white space at both ends. Throws `error`
/// of kind `config` that names `option` and the path, unless it may be a secret put in its place, never the
/// content: when the file cannot be read, has not ended after `at_most`, is empty or is larger than 64 KiB.
secret secret_from_file(std::string const& option, std::string const& path, std::chrono::nanoseconds at_most);

/// The value of a variable, likewise.
secret secret_from_environment(std::string const& option, std::string const& name);

} // namespace equinix::sts::tool
