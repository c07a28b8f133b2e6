// The challenges with which a proxy or a server asks for credentials (RFC 9110 section 11).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

/// One challenge. The scheme is a part of the text that was read.
struct challenge {
    std::string_view scheme;
    std::optional<std::string> realm{}; ///< without its quotes
    std::optional<std::string> error{}; ///< likewise
};

/// The challenges of `Proxy-Authenticate` or `WWW-Authenticate`, line by line: as many as can be told apart,
/// at most 8.
std::vector<challenge> read_challenges(std::string_view lines);

/// Whether a challenge of this scheme has this error.
bool has_error(std::string_view lines, std::string_view scheme, std::string_view error);

/// Explains a 407 in our own words: what the proxy wants, whether we sent credentials, and what to do. Quotes
/// nothing of the proxy's words that they share with one of the secrets.
std::string wanted_credentials(std::string_view proxy_authenticate, bool credentials_given,
                               std::span<std::string_view const> secrets);

} // namespace equinix::sts::core
