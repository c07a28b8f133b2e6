#include "base/keyed_digest.hpp"

#include "base/openssl_failure.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstring>

namespace equinix::sts::base {

keyed_digest::keyed_digest() {
    if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) fail_by_openssl("generate random bytes");
}

keyed_digest::value keyed_digest::of(std::string_view text) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data()); // NOLINT: OpenSSL's way
    if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes, text.size(), out.data(),
             &size) == nullptr)
        fail_by_openssl("compute a digest");
    value digest{};
    std::memcpy(digest.data(), out.data(), sizeof digest);
    return digest;
}

} // namespace equinix::sts::base
