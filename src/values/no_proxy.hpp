// Which hosts are reached without the proxy: the rules by which curl reads `no_proxy`.
#pragma once

#include <string_view>

namespace equinix::sts::values {

/// Whether `list` (`*`, or names, addresses and networks separated by commas or blanks) covers the host. A
/// name covers itself and what is below it, with or without a dot in front; `host` is in lower case or an
/// address without brackets.
bool bypasses_proxy(std::string_view list, std::string_view host, bool is_ip_address);

} // namespace equinix::sts::values
