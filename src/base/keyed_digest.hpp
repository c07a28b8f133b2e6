// Digests that only their maker can compute. They replace secrets as keys of a table.
#pragma once

#include "base/keyed_hash.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace equinix::sts::base {

class keyed_digest {
public:
    using value = std::array<std::uint64_t, 2>;

    /// Generates a random key. Throws `error` of kind `config` when OpenSSL has no random numbers.
    keyed_digest();

    /// Half of an HMAC-SHA-256. Throws what `keyed_hash::of` does.
    value of(std::string_view text) const;

private:
    keyed_hash hash_;
};

} // namespace equinix::sts::base
