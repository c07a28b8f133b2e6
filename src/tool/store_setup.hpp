// Builds a token store from the options.
#pragma once

#include "tool/arguments.hpp"

#include <equinix/sts/token_store.hpp>

#include <boost/asio/any_io_executor.hpp>

namespace equinix::sts::tool {

/// The store and its keys; without a store if none is given. Reads the files that the options name, and makes
/// a directory and its key. Throws `error` of kind `config` that names the option.
store_options sharing_of(exchange_arguments const& given, boost::asio::any_io_executor const& executor);

} // namespace equinix::sts::tool
