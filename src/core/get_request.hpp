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

/// What a request is made of, besides its header fields.
struct get_target {
    std::string authority; ///< the `Host` header
    std::string target;    ///< path and query
    std::string accept;    ///< the `Accept` header
};

/// Throws `error` of kind `config` when one of `http_options` is written by this client itself or cannot be
/// sent. The error names the field and never its value.
void check_headers(std::span<secret_header const> headers);

/// A complete `GET` that ends its connection. The headers must have been checked. Allocates once.
base::wiped_buffer get_request(get_target const& what, client_options const& options,
                               std::span<secret_header const> headers);

} // namespace equinix::sts::core
