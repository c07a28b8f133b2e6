// The library's messages as the command puts them.
#pragma once

#include <string>

namespace equinix::sts::tool {

/// A message with the command's own words for the library's options.
std::string in_our_words(std::string message);

} // namespace equinix::sts::tool
