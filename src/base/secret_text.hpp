// The one way in which a secret is taken out of a text: of a file, a variable, a program's output, an answer.
#pragma once

#include <cstddef>
#include <string_view>

namespace equinix::sts::base {

inline constexpr std::size_t largest_secret = std::size_t(64) * 1024;
inline constexpr std::string_view too_large = "is larger than 64 KiB"; ///< what is said of one that is

/// How much of a text is read that should hold a secret and nothing else: what fills it is too large.
inline constexpr std::size_t secret_reading_limit = largest_secret + 3; // a line's end, and one

struct secret_text {
    std::string_view value;
    std::string_view wrong; ///< what is wrong with it, as in "is empty"; empty when nothing is
};

/// The text without white space at both ends, blank lines included.
secret_text read_secret(std::string_view text) noexcept;

/// The same for a token, which holds no blank and no other character that may not stand in a header.
secret_text read_token(std::string_view text) noexcept;

/// Without ASCII white space at both ends.
std::string_view trimmed(std::string_view text) noexcept;

} // namespace equinix::sts::base
