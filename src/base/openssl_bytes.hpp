// Texts as OpenSSL takes them.
#pragma once

#include <string_view>

namespace equinix::sts::base {

inline unsigned char const* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<unsigned char const*>(text.data()); // NOLINT: OpenSSL's type
}

inline unsigned char* bytes_of(char* text) noexcept {
    return reinterpret_cast<unsigned char*>(text); // NOLINT: OpenSSL's type
}

} // namespace equinix::sts::base
