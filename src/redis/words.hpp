// What the errors of Redis mean, in words.
#pragma once

#include "redis/reply.hpp"

#include <equinix/sts/error.hpp>

namespace equinix::sts::redis_detail {

/// The error that a reply is. Names the server's code and says what to do; does not repeat the server's text,
/// which may quote a command.
error_info described(reply const& failed);

} // namespace equinix::sts::redis_detail
