#include "core/wiped.hpp"

#include <openssl/crypto.h>

namespace equinix::sts::core {

void wipe(void* data, std::size_t size) noexcept {
    if (size != 0) OPENSSL_cleanse(data, size);
}

} // namespace equinix::sts::core
