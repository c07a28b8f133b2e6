#include "testing/random_id.hpp"

#include "base/base64.hpp"
#include "testing/openssl.hpp"

#include <openssl/rand.h>

#include <array>

namespace equinix::sts::testing {

std::string random_id() {
    std::array<unsigned char, 12> bytes{};
    must(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())), "generate a random number");
    return base::base64url({reinterpret_cast<char const*>(bytes.data()), bytes.size()}); // NOLINT
}

} // namespace equinix::sts::testing
