// The texts that `--help` prints: each fits a screen of 80 columns.
#pragma once

#include <string>

namespace equinix::sts::tool {

enum class command;

/// The text for exchanges, doctor or serve-mock.
std::string help_of(command which);

} // namespace equinix::sts::tool
