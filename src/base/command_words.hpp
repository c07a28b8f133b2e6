// Splits a command that was given as one text into words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::base {

/// Splits at white space, with the quotes ('...', "...") and backslashes of a shell, and none of a shell's
/// other features. Returns nothing when a quote is not closed.
std::optional<std::vector<std::string>> command_words(std::string_view text);

} // namespace equinix::sts::base
