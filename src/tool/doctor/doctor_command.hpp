// `sts-token doctor`: finds out what is wrong with a set-up, and what to do.
#pragma once

#include "tool/arguments.hpp"

namespace equinix::sts::tool {

/// Returns the exit code: 0 when nothing is wrong, otherwise 1.
int run_doctor(doctor_arguments const& given);

} // namespace equinix::sts::tool
