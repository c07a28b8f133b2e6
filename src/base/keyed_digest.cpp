#include "base/keyed_digest.hpp"

#include "base/sealing.hpp"
#include "base/wiped.hpp"

#include <cstring>

namespace equinix::sts::base {
namespace {

keyed_hash with_a_random_key() {
    wiped_buffer key(32, '\0');
    fill_with_random(key);
    return keyed_hash(view(key));
}

} // namespace

keyed_digest::keyed_digest() : hash_(with_a_random_key()) {}

keyed_digest::value keyed_digest::of(std::string_view text) const {
    auto const whole = hash_.of({text});
    value digest{};
    std::memcpy(digest.data(), whole.data(), sizeof digest);
    return digest;
}

} // namespace equinix::sts::base
