#include "base/sha256.hpp"

#include "base/openssl_bytes.hpp"
#include "base/openssl_failure.hpp"

#include <openssl/evp.h>

#include <cstddef>

namespace equinix::sts::base {

std::array<char, 32> sha256(std::string_view text) {
    std::array<char, 32> digest{};
    std::size_t size = 0;
    if (EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), bytes_of(digest.data()), &size) !=
            1 ||
        size != digest.size())
        fail_by_openssl("compute a SHA-256");
    return digest;
}

} // namespace equinix::sts::base
