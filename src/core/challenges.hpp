// The challenges by which a proxy asks for credentials (RFC 9110 section 11).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

/// One of them. The scheme is a part of the text that was read.
struct challenge {
    std::string_view scheme;
    std::optional<std::string> realm; ///< without its quotes
};

/// Those of `Proxy-Authenticate`, line by line: as many as can be told apart, 8 at most.
std::vector<challenge> read_challenges(std::string_view lines);

/// What a 407 means, in our words: what is asked for, whether we gave credentials, what to do. Of the proxy's
/// own words nothing that it shares with one of the secrets.
std::string wanted_credentials(std::string_view proxy_authenticate, bool credentials_given,
                               std::span<std::string_view const> secrets);

} // namespace equinix::sts::core
