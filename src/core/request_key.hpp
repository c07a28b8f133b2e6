// What makes two requests equal: a text from which the key in a cache, or the name in a store, is made.
#pragma once

#include "base/wiped.hpp"

#include <equinix/sts/exchange_request.hpp>

#include <string_view>

namespace equinix::sts::core {

/// Everything that affects the token, unambiguously. The order of scopes and repeated parameters is ignored;
/// a supplier counts by its identity. Contains the request's secrets.
base::wiped_buffer request_key(exchange_request const& request);

/// The same for all processes that make this request: without the client's credential, which may be another
/// by now, and with `identity`, unless it is empty, in place of the subject token and its supplier.
base::wiped_buffer shared_request_key(exchange_request const& request, std::string_view identity);

/// Appends a part, preceded by its length, so that no two lists of parts give the same text.
void add_part(base::wiped_buffer& out, std::string_view part);

} // namespace equinix::sts::core
