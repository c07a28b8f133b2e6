// sts-token exec: a program that runs with a token.
#pragma once

#include "tool/arguments.hpp"

namespace equinix::sts::tool {

/// Gets a token and runs the program with it: in this process's place or, with a file to keep current, as its
/// child. Returns only in the second case, or if the program could not be run.
int exec(exec_arguments const& given);

} // namespace equinix::sts::tool
