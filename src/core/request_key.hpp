// What makes two requests the same: a text from which a cache's key is made.
#pragma once

#include "base/wiped.hpp"

#include <equinix/sts/exchange_request.hpp>

namespace equinix::sts::core {

/// Everything that changes the token, unambiguously. Scopes and repeated parameters count without their
/// order; a supplier counts by its identity. Holds the request's secrets.
base::wiped_buffer request_key(exchange_request const& request);

} // namespace equinix::sts::core
