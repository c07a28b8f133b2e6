#include "tool/terminal.hpp"

#include "base/variable.hpp"

#include <unistd.h>

#include <array>

namespace equinix::sts::tool {

bool is_watched(int descriptor) noexcept {
    return ::isatty(descriptor) == 1 && base::variable("TERM") != "dumb";
}

bool is_coloured(int descriptor) noexcept {
    return base::variable("NO_COLOR").empty() && is_watched(descriptor);
}

std::string painted(bool coloured, colour with, std::string_view text) {
    constexpr std::array<std::string_view, 4> codes = {"31", "32", "33", "2"};
    static_assert(codes.size() == static_cast<std::size_t>(colour::faint) + 1);
    if (!coloured) return std::string(text);
    return "\033[" + std::string(codes[static_cast<std::size_t>(with)]) + "m" + std::string(text) + "\033[0m";
}

} // namespace equinix::sts::tool
