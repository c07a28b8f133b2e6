// A token, and an error, as sts-token prints them.
#pragma once

#include "tool/arguments.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/token.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::tool {

/// The token in the form that the arguments name, without the last line end. `from` is where it came from,
/// for JSON; empty without a store. Throws `sts::error` if this form cannot show the token.
std::string in_form(token const& got, exchange_arguments const& given, std::string_view from);

/// Checks what can be checked before there is a token. Throws `sts::error`.
void check_form(exchange_arguments const& given);

/// The error as JSON. `url` is empty if no service was asked.
std::string as_json(error_info const& info, std::string const& url);

} // namespace equinix::sts::tool
