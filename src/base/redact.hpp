// Making a stranger's words fit for a log.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace equinix::sts::base {

/// A copy of what a server wrote, safe to print: every stretch of 8 or more characters that it shares with
/// one of the secrets is replaced by `[redacted]`, whatever is outside RFC 6749's error characters
/// (section 5.2) is written as `\xNN`, and the whole is cut to `limit` bytes.
std::string printable(std::string_view text, std::span<std::string_view const> secrets,
                      std::size_t limit = 1024);

/// Whether what should be a name is rather a token, put in the wrong place: it must not be repeated then.
inline bool may_be_a_token(std::string_view name) noexcept {
    constexpr std::size_t longest_name = 255;
    return name.size() > longest_name || name.find("eyJ") != std::string_view::npos; // as each JWT begins
}

} // namespace equinix::sts::base
