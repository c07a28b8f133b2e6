// What the options and variables make of a client and its request.
#pragma once

#include "tool/arguments.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <string>

namespace equinix::sts::tool {

/// The client's options. Throws `error` of kind `config`.
client_options options_of(exchange_arguments const& given);

/// The request. Reads the files that the options name. Throws `error` of kind `config`, naming the option.
exchange_request request_of(exchange_arguments const& given);

/// What is asked, a line each, with every secret left out.
std::string describe_request(client_options const& options, exchange_request const& request);

} // namespace equinix::sts::tool
