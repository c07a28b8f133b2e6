// The content of an ID token (OpenID Connect Core section 2, RFC 7519). Nothing is verified.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::tool::doctor {

struct id_token {
    std::string algorithm, key_id;                      ///< `alg` and `kid` of the header
    std::string issuer, subject;                        ///< `iss` and `sub`
    std::vector<std::string> audience;                  ///< `aud`
    std::optional<std::chrono::sys_seconds> issued;     ///< `iat`
    std::optional<std::chrono::sys_seconds> valid_from; ///< `nbf`
    std::optional<std::chrono::sys_seconds> expires;    ///< `exp`
    bool expires_ill_formed = false;                    ///< it is present, and not a number
};

/// Nothing when the text is not a signed JWT in compact form. The texts from the token are made safe to
/// print.
std::optional<id_token> read_id_token(std::string_view token);

/// Its audience, separated by commas.
std::string audience_of(id_token const& token);

} // namespace equinix::sts::tool::doctor
