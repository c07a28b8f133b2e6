// The words of a command that was given as one text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::tool {

/// Splits at white space, as a shell does with quotes ('...', "...") and backslashes, and nothing else of
/// what a shell does. Throws `usage_error` when a quote is not closed, or there is no word.
std::vector<std::string> command_words(std::string_view option, std::string_view text);

} // namespace equinix::sts::tool
