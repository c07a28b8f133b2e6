// Members of a JSON object, read in one pass without building a document: a token response, or a single
// member.
#pragma once

#include "base/json_member.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

using base::json_member;

/// The members that RFC 6749 sections 5.1 and 5.2 and RFC 8693 section 2.2.1 define. Some deployments of the
/// service write camelCase; such a member is read where the standard one is missing.
struct json_members {
    json_member access_token, token_type, issued_token_type, expires_in;
    json_member scope; ///< an array of strings is read as these joined by blanks
    json_member error, error_description, error_uri;
    /// Of an `error` that is an object, as the service's other operations and gateways return: `errorCode`;
    /// and `errorMessage`, else `message`, else `details`.
    json_member error_code, error_message, message, details;
};

/// Reads a JSON object, which must live as long as the result. Returns nothing when the text is not exactly
/// one object, nests deeper than 32, or names one of the members twice, as there is no telling which of the
/// two was meant. Unknown members are skipped.
std::optional<json_members> read_members(std::string_view json);

/// The names of a member, of the member in it, and so on; at least one. An element of an array is named by
/// its index.
using json_path = std::span<std::string const>;

/// As above, for the one member at this path.
std::optional<json_member> read_member(std::string_view json, json_path path);

/// The path that a JSON pointer (RFC 6901) names; nothing if it is ill-formed or names the whole document.
std::optional<std::vector<std::string>> parse_json_pointer(std::string_view pointer);

} // namespace equinix::sts::core
