// The request as it goes over the wire: one contiguous buffer, head and body.
#pragma once

#include "base/wiped.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <string>
#include <vector>

namespace equinix::sts::core {

/// The part of the head that is the same for each request of a client: the request line and every field that
/// depends on the options alone. Throws `error` of kind `config` on a header that cannot be sent.
std::string head_prefix(client_options const& options);

/// Every way in which a secret of the request is written on the wire, and as it is: what must not come back
/// in a text of ours.
std::vector<base::wiped_buffer> secret_spellings(exchange_request const& request);

/// Writes the whole request behind what the buffer has. The order of fields is fixed.
void write_request(base::wiped_buffer& out, std::string_view prefix, exchange_request const& request);

} // namespace equinix::sts::core
