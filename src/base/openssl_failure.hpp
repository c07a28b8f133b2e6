// The one place that turns a failure of OpenSSL into an error.
#pragma once

#include <equinix/sts/error.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::base {

/// Describes a failure of OpenSSL, with its reason and the setting to check, as an error of kind `config`:
/// what fails without a peer is most often a matter of configuration. `what` completes "OpenSSL cannot".
/// Consumes this thread's OpenSSL error queue. Throws `std::bad_alloc` if memory was the reason.
error_info openssl_failure(std::string_view what, sts::phase where = phase::none);

/// Why OpenSSL has failed, in its words, without the data of its errors: those of a key's provider contain
/// the key's URI, and with it a PIN. Consumes this thread's error queue.
std::string openssl_reasons();

/// As `openssl_failure`, as an exception.
[[noreturn]] void fail_by_openssl(std::string_view what, sts::phase where = phase::none);

} // namespace equinix::sts::base
