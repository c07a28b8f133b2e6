// What is in a file of authorities.
#pragma once

#include "tool/doctor/judgement.hpp"

#include <string>
#include <vector>

namespace equinix::sts::tool::doctor {

/// The certificates of a PEM file; of none if it is no regular file.
std::vector<authority> authorities_in(std::string const& file);

/// Whether there is anything where OpenSSL looks for authorities.
bool has_authorities(std::string const& file, std::string const& folder);

} // namespace equinix::sts::tool::doctor
