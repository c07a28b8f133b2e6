// Colours for a terminal that a person reads.
#pragma once

#include <string>
#include <string_view>

namespace equinix::sts::tool {

enum class colour { red, green, yellow, faint };

/// Whether a descriptor is a terminal whose user has not asked for plain text (`NO_COLOR`, `TERM=dumb`).
bool is_coloured(int descriptor) noexcept;

/// Whether a person reads from a descriptor.
bool is_watched(int descriptor) noexcept;

/// The text in a colour, or unchanged.
std::string painted(bool coloured, colour with, std::string_view text);

} // namespace equinix::sts::tool
