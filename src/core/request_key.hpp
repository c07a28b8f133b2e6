// What makes two requests equal: a text from which a cache's key is made.
#pragma once

#include "base/wiped.hpp"

#include <equinix/sts/exchange_request.hpp>

namespace equinix::sts::core {

/// Everything that affects the token, unambiguously. The order of scopes and repeated parameters is ignored;
/// a supplier counts by its identity. Contains the request's secrets.
base::wiped_buffer request_key(exchange_request const& request);

} // namespace equinix::sts::core
