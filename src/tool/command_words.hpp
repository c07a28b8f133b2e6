// Splits a command that was given as one text into words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::tool {

/// Splits at white space, with the quotes ('...', "...") and backslashes of a shell, and none of a shell's
/// other features. Throws `usage_error` when a quote is not closed, or there is no word.
std::vector<std::string> command_words(std::string_view option, std::string_view text);

} // namespace equinix::sts::tool
