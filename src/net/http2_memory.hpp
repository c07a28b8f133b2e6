// The memory of nghttp2, which overwrites what it releases: it holds requests and answers.
#pragma once

#include <nghttp2/nghttp2.h>

namespace equinix::sts::net {

/// Lives as long as the program.
nghttp2_mem* wiping_memory() noexcept;

} // namespace equinix::sts::net
