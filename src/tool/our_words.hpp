// The library's messages as the command puts them.
#pragma once

#include <equinix/sts/error.hpp>

#include <string>

namespace equinix::sts::tool {

/// A text about an error, with the command's own words for the library's options.
std::string in_our_words(error_info const& of, std::string text);

/// `error_info::option` likewise, as in `--ca-file`; a variable keeps its name.
std::string option_in_our_words(error_info const& of);

} // namespace equinix::sts::tool
