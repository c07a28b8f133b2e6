// HMAC-SHA-256 (RFC 2104) with one key for many texts.
#pragma once

#include <array>
#include <initializer_list>
#include <memory>
#include <string_view>

struct evp_mac_ctx_st; // OpenSSL's

namespace equinix::sts::base {

/// May be used from several threads at once. OpenSSL keeps the key, and wipes it on destruction.
class keyed_hash {
public:
    using value = std::array<char, 32>;

    /// Throws `error` of kind `config` when OpenSSL cannot, and `std::bad_alloc`; so does `of`.
    explicit keyed_hash(std::string_view key);

    /// Of these texts, one behind the other.
    value of(std::initializer_list<std::string_view> texts) const;

private:
    struct deleter {
        void operator()(evp_mac_ctx_st* one) const noexcept;
    };
    std::unique_ptr<evp_mac_ctx_st, deleter> keyed_;
};

} // namespace equinix::sts::base
