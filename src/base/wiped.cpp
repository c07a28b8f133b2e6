#include "base/wiped.hpp"

#include <openssl/crypto.h>

#include <cstring>

namespace equinix::sts::base {

void wipe(void* data, std::size_t size) noexcept {
    if (size != 0) ::explicit_bzero(data, size); // several times as fast as OPENSSL_cleanse
}

[[gnu::noinline]] void wipe_stack_below() noexcept {
    char used[16 * 1024]; // NOLINT: uninitialised on purpose
    ::explicit_bzero(used, sizeof used);
}

bool equal_secrets(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace equinix::sts::base
