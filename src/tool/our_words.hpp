// Rewords the library's messages for the command.
#pragma once

#include <equinix/sts/error.hpp>

#include <string>

namespace equinix::sts::tool {

/// A text about an error, with the library's options replaced by the command's.
std::string in_our_words(error_info const& of, std::string text);

/// `error_info::option` likewise, such as `--ca-file`; a variable keeps its name.
std::string option_in_our_words(error_info const& of);

} // namespace equinix::sts::tool
