// What a command needs to ask for tokens, from its arguments.
#pragma once

#include "tool/arguments.hpp"

#include <equinix/sts/client.hpp>
#include <equinix/sts/error.hpp>
#include <equinix/sts/token_source.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>

namespace equinix::sts::tool {

/// The client, the request and the store. Tells a person, on stderr, what `--verbose` asks for and what a
/// user of bound tokens may not expect. Throws `sts::error`.
struct asking {
    /// `again` tells whether the subject token is read again for each exchange, by a program that runs for
    /// long.
    asking(exchange_arguments const& given, boost::asio::io_context& context, bool again = false);

    /// A source of shared tokens.
    token_source source() const { return {sts, request, how}; }

    client_options const options;
    refresh_options const how;
    exchange_request const request;
    std::string const url;
    client const sts;
};

/// Runs a coroutine to its end.
void run(boost::asio::io_context& context, boost::asio::awaitable<void> work);

/// Prints an error on stderr. `url` is empty if no service was asked.
void complain(error_info const& info, std::string const& url);

/// The token is there all the same, so that nobody would notice.
void complain_of_store(store_stats const& seen);

} // namespace equinix::sts::tool
