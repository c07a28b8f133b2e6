// What may stand in a header field that somebody else wrote.
#pragma once

#include <equinix/sts/options.hpp>

#include <span>
#include <string>
#include <string_view>

namespace equinix::sts::core {

/// Throws `error` of kind `config` that names `option` and the field, never its value, when the field cannot
/// be sent or is one of `own`, which this client writes itself.
void check_header(std::string_view option, std::string_view name, std::string_view value,
                  std::span<std::string_view const> own);

/// The `User-Agent` line. Throws `error` of kind `config` when `client_options::user_agent` cannot be sent.
std::string user_agent_line(client_options const& options);

} // namespace equinix::sts::core
