// Where the tool's secrets come from: files and the environment.
#pragma once

#include <equinix/sts/secret.hpp>

#include <string>

namespace equinix::sts::tool {

/// The content of a file without one trailing line end. Throws `error` of kind `config` that names `option`
/// and the path, unless it may be a secret put in its place, never the content: when the file cannot be read,
/// is empty or is larger than 64 KiB.
secret secret_from_file(std::string const& option, std::string const& path);

/// The value of a variable. Throws `error` of kind `config` when it is unset or empty.
secret secret_from_environment(std::string const& option, std::string const& name);

} // namespace equinix::sts::tool
