// The one place that turns a refusal of OpenSSL's into an error.
#pragma once

#include <equinix/sts/error.hpp>

#include <string_view>

namespace equinix::sts::base {

/// What OpenSSL has refused, with its reason and the setting to look at, as an error of kind `config`: what
/// it refuses without a peer is most often its configuration. `what` completes "OpenSSL cannot". Takes what
/// is in OpenSSL's error queue of this thread. Throws `std::bad_alloc` where memory was the reason.
error_info openssl_failure(std::string_view what, sts::phase where = phase::none);

/// The same as an exception.
[[noreturn]] void fail_by_openssl(std::string_view what, sts::phase where = phase::none);

} // namespace equinix::sts::base
