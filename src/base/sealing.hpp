// Keys derived from a key (HKDF-SHA-256, RFC 5869) and authenticated encryption (AES-256-GCM, NIST SP
// 800-38D).
#pragma once

#include "base/keyed_hash.hpp"
#include "base/wiped.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_cipher_st; // OpenSSL's

namespace equinix::sts::base {

/// The size of the tag that `seal` appends.
inline constexpr std::size_t seal_tag_size = 16;

/// Derives 32 bytes. Keys of different purposes have nothing in common. Throws `error` of kind `config` when
/// OpenSSL cannot, and `std::bad_alloc`; so do the others.
wiped_buffer derive_key(std::string_view key, std::string_view purpose);

/// Seals messages, each with a key of its own that is derived from one key, a salt and a purpose. May be used
/// from several threads at once.
class sealing_key {
public:
    /// `key` is one that `derive_key` has returned.
    explicit sealing_key(std::string_view key);

    /// Which message it is. Two messages must differ in one of the first two.
    struct message {
        std::string_view salt, purpose;
        std::string_view associated; ///< authenticated, and not in what is sealed
    };

    /// Appends the encrypted text and its tag.
    void seal(std::string& out, message const& which, std::string_view text) const;

    /// The text; nothing when one bit of it or of `which` is not as it was sealed.
    std::optional<wiped_buffer> open(message const& which, std::string_view sealed) const;

private:
    class cipher;

    struct deleter {
        void operator()(evp_cipher_st* one) const noexcept;
    };
    keyed_hash derives_;
    std::unique_ptr<evp_cipher_st, deleter> aes_;
};

void fill_with_random(std::span<char> bytes);

} // namespace equinix::sts::base
