// Keys derived from a key (HKDF-SHA-256, RFC 5869), digests by a key (HMAC-SHA-256, RFC 2104), and
// authenticated encryption (AES-256-GCM, NIST SP 800-38D).
#pragma once

#include "base/wiped.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::base {

/// The size of the tag that `seal` appends.
inline constexpr std::size_t seal_tag_size = 16;

/// Derives `size` bytes. Keys of different purposes or salts have nothing in common. Throws `error` of kind
/// `config` when OpenSSL cannot, and `std::bad_alloc`; so do the others.
wiped_buffer derive_key(std::string_view key, std::string_view salt, std::string_view purpose,
                        std::size_t size);

std::array<char, 32> keyed_hash(std::string_view key, std::string_view text);

/// What one message is sealed with. A key seals one message only: the nonce comes with the key.
class message_key {
public:
    message_key(std::string_view key, std::string_view salt, std::string_view purpose);

    /// Appends the encrypted text and its tag. `associated` is authenticated and not in the output.
    void seal(std::string& out, std::string_view associated, std::string_view text) const;

    /// The text; nothing when one bit of it or of `associated` is not as it was sealed.
    std::optional<wiped_buffer> open(std::string_view associated, std::string_view sealed) const;

private:
    wiped_buffer derived_; // key, then nonce
};

void fill_with_random(std::string& bytes);

} // namespace equinix::sts::base
