// The one function that extracts a secret from a text: a file, a variable, a program's output, an answer.
#pragma once

#include <cstddef>
#include <string_view>

namespace equinix::sts::base {

inline constexpr std::size_t largest_secret = std::size_t(64) * 1024;
inline constexpr std::string_view too_large = "is larger than 64 KiB"; ///< said of a larger secret

/// How much is read of a text that should hold just a secret: one that fills it is too large.
inline constexpr std::size_t secret_reading_limit = largest_secret + 3; // a line end, and one more

struct secret_text {
    std::string_view value;
    std::string_view wrong; ///< what is wrong with it, as in "is empty"; otherwise empty
};

/// The text without white space at either end, blank lines included.
secret_text read_secret(std::string_view text) noexcept;

/// As above for a token, which contains no blank and no other character that a header may not contain.
secret_text read_token(std::string_view text) noexcept;

/// What is wrong with a token that is to be sent, as in "is empty"; otherwise empty.
std::string_view fault_of_token(std::string_view token) noexcept;

/// Without ASCII white space at both ends.
std::string_view trimmed(std::string_view text) noexcept;

} // namespace equinix::sts::base
