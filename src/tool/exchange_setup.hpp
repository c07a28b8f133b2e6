// Builds a client and its request from the options and variables.
#pragma once

#include "tool/arguments.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <string>

namespace equinix::sts::tool {

/// The client's options. Throws `error` of kind `config`.
client_options options_of(exchange_arguments const& given);

/// The request. Reads the files that the options name. Throws `error` of kind `config` that names the option.
exchange_request request_of(exchange_arguments const& given);

/// Describes the request, one item per line, without any secret.
std::string describe_request(client_options const& options, exchange_request const& request);

} // namespace equinix::sts::tool
