// SHA-256 (FIPS 180-4).
#pragma once

#include <array>
#include <string_view>

namespace equinix::sts::base {

/// Throws `error` of kind `config` when OpenSSL cannot, and `std::bad_alloc`.
std::array<char, 32> sha256(std::string_view text);

} // namespace equinix::sts::base
