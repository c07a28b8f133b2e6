// Digests that only their maker can compute. They replace secrets as keys of a table.
#pragma once

#include "base/wiped.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace equinix::sts::base {

class keyed_digest {
public:
    using value = std::array<std::uint64_t, 2>;

    /// Generates a random key. Throws `error` of kind `config` when OpenSSL has no random numbers.
    keyed_digest();
    keyed_digest(keyed_digest const&) = delete;
    keyed_digest& operator=(keyed_digest const&) = delete;
    ~keyed_digest() { wipe(key_.data(), key_.size()); }

    /// Half of an HMAC-SHA-256 (RFC 2104). Throws `std::bad_alloc`.
    value of(std::string_view text) const;

private:
    std::array<unsigned char, 32> key_{};
};

} // namespace equinix::sts::base
