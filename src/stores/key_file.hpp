// The keys of a token store in a file: one a line, the first seals.
#pragma once

#include <equinix/sts/secret.hpp>

#include <string>
#include <vector>

namespace equinix::sts::stores_detail {

/// Reads the keys. With `make`, a file that is missing is made with one random key, by one process only if
/// several try (mode 0600). Throws `error` of kind `config`: the file cannot be read or made, is not a
/// regular file, or may be read by others.
std::vector<secret> keys_in(std::string const& path, bool make);

} // namespace equinix::sts::stores_detail
