// What a token store holds: names that only owners of the key can compute, and records that only they can
// read, make, lengthen or move to another name. Without a clock or randomness.
//
// A sealed record
//   1 byte    version
//   8 bytes   which key: the beginning of a digest by that key
//   16 bytes  salt: with the key and the name it determines the key of this record
//   8 bytes   generation: when the record was made, in milliseconds of the store's own time
//   8 bytes   life, in milliseconds from the generation on
//   the rest  AES-256-GCM over the content; the name and all of the above are authenticated with it
#pragma once

#include "base/sealing.hpp"
#include "base/wiped.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/token.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

struct store_record {
    enum class content : unsigned char {
        token = 1,
        refusal,  ///< the service has refused the request permanently
        cool_down ///< the service has asked all clients to wait until the end of the record's life
    };

    content is = content::token;
    std::chrono::milliseconds generation{};
    std::chrono::milliseconds life{};
    token what;        ///< of `token`: without its times
    error_info failed; ///< of `refusal`: what the service said

    std::chrono::milliseconds end() const noexcept { return generation + life; }
};

/// Whether a token is of use only with a key or a certificate (RFC 7800 section 3.1), so that another process
/// could not use it.
bool is_bound(token const& one);

/// The keys of a deployment. The first seals, all open.
class store_keys {
public:
    static constexpr std::size_t least_size = 32, most_keys = 8, salt_size = 16;
    static constexpr std::size_t largest_record = std::size_t(256) * 1024;

    /// Throws `error` of kind `config`: a key is too short, there is none, or there are too many.
    explicit store_keys(std::vector<secret> const& keys);

    std::size_t size() const noexcept { return keys_.size(); }

    /// The name of a text under each key: 32 hexadecimal digits.
    std::vector<std::string> names_of(std::string_view text) const;

    /// `salt` is random. Throws.
    std::string seal(store_record const& record, std::string_view name, std::string_view salt) const;

    /// Nothing when these bytes are not a record that was sealed for this name by one of the keys. Throws.
    std::optional<store_record> open(std::string_view bytes, std::string_view name) const;

private:
    struct key {
        explicit key(std::string_view from);

        base::keyed_hash names;
        base::sealing_key seals;
        std::string id;
    };
    std::vector<key> keys_;
};

/// Everything by which one token differs from another, for its name in a store: the endpoint's URL, the
/// namespace, and the request, with `identity` in place of its subject if it is not empty. Contains secrets.
base::wiped_buffer store_name_text(exchange_request const& request, std::string_view endpoint,
                                   std::string_view name_space, std::string_view identity);

/// For the cool-down of an endpoint.
base::wiped_buffer cool_down_name_text(std::string_view endpoint, std::string_view name_space);

} // namespace equinix::sts::core
