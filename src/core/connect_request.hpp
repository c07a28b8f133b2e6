// The request for a tunnel through a proxy (CONNECT, RFC 9110 section 9.3.6).
#pragma once

#include "base/wiped.hpp"

#include <equinix/sts/options.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

/// The complete request to the proxy of the options. `host` has no brackets.
base::wiped_buffer connect_request(std::string_view host, std::uint16_t port, client_options const& options);

/// Whether the request carries credentials: of the proxy's URL, or in a header of the user's.
bool gives_proxy_credentials(client_options const& options);

/// Every form in which a secret of the request may be written: what must not appear in a text of ours.
std::vector<base::wiped_buffer> proxy_secrets(client_options const& options);

} // namespace equinix::sts::core
