// Makes a server's words safe for a log.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace equinix::sts::base {

/// Returns a copy of what a server wrote that is safe to print: every sequence of 8 or more characters that
/// also occurs in one of the secrets is replaced by `[redacted]`, each character outside RFC 6749's error
/// characters (section 5.2) is written as `\xNN`, and the whole is cut to `limit` bytes.
std::string printable(std::string_view text, std::span<std::string_view const> secrets,
                      std::size_t limit = 1024);

/// Whether what should be a name looks like a token in the wrong place, which must not be repeated.
inline bool may_be_a_token(std::string_view name) noexcept {
    constexpr std::size_t longest_name = 255;
    return name.size() > longest_name ||
           name.find("eyJ") != std::string_view::npos; // every JWT begins like this
}

/// A path in quotation marks, for a message; or words in its place if it may be a secret: the text of a key
/// is easily given where the path of its file is meant.
std::string quoted_path(std::string_view path);

} // namespace equinix::sts::base
