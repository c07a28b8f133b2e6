// The one place that turns a failure of OpenSSL into an error.
#pragma once

#include <equinix/sts/error.hpp>

#include <string_view>

namespace equinix::sts::base {

/// Describes a failure of OpenSSL, with its reason and the setting to check, as an error of kind `config`:
/// what fails without a peer is most often a matter of configuration. `what` completes "OpenSSL cannot".
/// Consumes this thread's OpenSSL error queue. Throws `std::bad_alloc` if memory was the reason.
error_info openssl_failure(std::string_view what, sts::phase where = phase::none);

/// As above, as an exception.
[[noreturn]] void fail_by_openssl(std::string_view what, sts::phase where = phase::none);

} // namespace equinix::sts::base
