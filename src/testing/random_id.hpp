// Identifiers that nobody else has.
#pragma once

#include <string>

namespace equinix::sts::testing {

/// 96 random bits in base64url.
std::string random_id();

} // namespace equinix::sts::testing
