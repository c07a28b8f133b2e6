// application/x-www-form-urlencoded (RFC 6749 appendix B), byte for byte what curl and Go send.
#pragma once

#include "base/wiped.hpp"

#include <cstddef>
#include <string_view>

namespace equinix::sts::base {

/// Appends a text in encoded form: a space as `+`, everything except `A-Z a-z 0-9 - . _ ~` as `%XX` in upper
/// case.
void form_encode(wiped_buffer& out, std::string_view text);

} // namespace equinix::sts::base
