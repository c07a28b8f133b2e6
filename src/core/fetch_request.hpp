// The request for something that is fetched by HTTP: one contiguous buffer.
#pragma once

#include "base/wiped.hpp"

#include <equinix/sts/options.hpp>

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace equinix::sts::core {

using secret_header = std::pair<std::string, secret>;

/// What a request is made of, besides the header fields of the options.
struct fetch_target {
    std::string method = "GET";
    std::string authority; ///< the `Host` header
    std::string target;    ///< path and query
    std::string accept;    ///< the `Accept` header
};

/// Throws `error` of kind `config` when one of `http_options` is written by this client itself or cannot be
/// sent. The error names the field and never its value.
void check_headers(std::span<secret_header const> headers);

/// A complete request that ends its connection. A body without a `Content-Type` is called JSON. Throws as
/// `check_headers` does. Allocates once.
base::wiped_buffer fetch_request(fetch_target const& what, client_options const& options,
                                 std::span<secret_header const> headers, std::string_view body = {});

} // namespace equinix::sts::core
