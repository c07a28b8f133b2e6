// The request as it is sent: one contiguous buffer, head and body.
#pragma once

#include "base/wiped.hpp"
#include "core/signatures.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <string>
#include <vector>

namespace equinix::sts::core {

/// The part of the head that is the same for every request of a client: the request line and each field that
/// depends only on the options. Throws `error` of kind `config` on a header that cannot be sent.
std::string head_prefix(client_options const& options);

/// Every form in which a secret of the request is sent, and the secret itself: what must not appear in a text
/// of ours.
std::vector<base::wiped_buffer> secret_spellings(exchange_request const& request,
                                                 signatures const& made = signatures());

/// Appends the complete request to the buffer. The order of fields is fixed.
void write_request(base::wiped_buffer& out, std::string_view prefix, exchange_request const& request,
                   signatures const& made = signatures());

} // namespace equinix::sts::core
