// An ID token as its owner may read it (OpenID Connect Core section 2, RFC 7519). Nothing is verified.
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
    bool expires_ill_formed = false;                    ///< there is one, and it is no number
};

/// Nothing when the text is no signed JWT in compact form. What its texts say is made safe to print.
std::optional<id_token> read_id_token(std::string_view token);

/// Its audience, with commas between.
std::string audience_of(id_token const& token);

} // namespace equinix::sts::tool::doctor
