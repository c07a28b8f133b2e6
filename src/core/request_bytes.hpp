// The request as it goes over the wire: one contiguous buffer, head and body.
#pragma once

#include "core/wiped.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <string>

namespace equinix::sts::core {

/// The part of the head that is the same for each request of a client: the request line and every field that
/// depends on the options alone. Throws `error` of kind `config` on a header that cannot be sent.
std::string head_prefix(client_options const& options);

/// The whole request. The order of fields is fixed; the buffer is allocated once.
wiped_buffer request_bytes(std::string_view prefix, exchange_request const& request);

} // namespace equinix::sts::core
