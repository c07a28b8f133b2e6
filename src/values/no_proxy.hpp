// Which hosts are reached without the proxy, by the rules with which curl reads `no_proxy`.
#pragma once

#include <string_view>

namespace equinix::sts::values {

/// Whether `list` (`*`, or names, addresses and networks separated by commas or blanks) covers the host. A
/// name covers itself and its subdomains, with or without a leading dot. `host` is in lower case or an
/// address without brackets.
bool bypasses_proxy(std::string_view list, std::string_view host, bool is_ip_address);

} // namespace equinix::sts::values
