// Base64 (RFC 4648 section 4) and its URL form without padding (section 5).
#pragma once

#include "base/wiped.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::base {

/// Appends `bytes` in base64 with padding.
void base64_encode(wiped_buffer& out, std::string_view bytes);

/// Appends `bytes` in base64url without padding.
void base64url_encode(wiped_buffer& out, std::string_view bytes);

/// The same, for what is no secret.
std::string base64url(std::string_view bytes);

/// Decodes a base64 text; nothing when it is ill-formed or not canonical. The padding is not checked.
std::optional<wiped_buffer> base64_decode(std::string_view text);

/// Decodes a base64url text without padding; nothing when it is ill-formed or not canonical.
std::optional<wiped_buffer> base64url_decode(std::string_view text);

} // namespace equinix::sts::base
