// What a platform tells its jobs by environment variables, which are read at each exchange.
#pragma once

#include "core/fetch_request.hpp"

#include <string>
#include <string_view>

namespace equinix::sts::suppliers_detail {

/// The value. Throws `error` of kind `config` that names the variable and ends with `hint`, as in "a job has
/// it if ...", when it is unset or empty.
std::string_view job_variable(char const* name, std::string_view hint);

/// Throws as above when the value of a variable cannot be sent in a header.
void check_sendable(char const* name, std::string_view value);

/// `Authorization: Bearer` with the value of a variable. Throws as above, and when it is no token.
core::secret_header bearer_of_variable(char const* name, std::string_view hint);

} // namespace equinix::sts::suppliers_detail
