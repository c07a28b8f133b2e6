// Writing a whole text to a file.
#pragma once

#include "base/descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace equinix::sts::base {

/// Returns false if it could not be written whole; `errno` has the reason.
inline bool write_all(descriptor const& file, std::string_view text) noexcept {
    while (!text.empty()) {
        auto const put = ::write(file.get(), text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

} // namespace equinix::sts::base
