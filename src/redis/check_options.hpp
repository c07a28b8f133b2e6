// Whether the options of a store in Redis can be used.
#pragma once

#include <equinix/sts/redis_store.hpp>

namespace equinix::sts::redis_detail {

/// Throws `error` of kind `config`, which names the member.
void check_options(redis_options const& options);

} // namespace equinix::sts::redis_detail
