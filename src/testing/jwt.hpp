// JSON Web Tokens in compact form (RFC 7519, RFC 7515).
#pragma once

#include "testing/keys.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::testing {

/// A token split into its parts; nothing is verified yet.
struct parsed_jwt {
    boost::json::object header;
    boost::json::object claims;
    std::string signing_input;
    std::string signature;
};

/// Nothing when the text is not a JWT in compact form.
std::optional<parsed_jwt> parse_jwt(std::string_view token);

/// Signs the claims. The header names the algorithm, `key_id` and the type.
std::string make_jwt(named_key const& key, std::string_view key_id, boost::json::object const& claims,
                     std::string_view type = "JWT");

} // namespace equinix::sts::testing
