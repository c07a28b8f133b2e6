// Splits a URL, and checks and normalises its host and port.
#pragma once

#include <boost/url/url_view.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::base {

/// Views into the text. Nothing when the text is not a URI (RFC 3986), or is one without an authority, such
/// as `mailto:`.
std::optional<boost::urls::url_view> parse_url(std::string_view text);

struct url_host {
    std::string name; ///< in lower case, or an address without brackets
    bool is_ip_address = false;
    bool is_ipv6 = false;
    std::string_view wrong; ///< what is wrong with it, as in "has no host"; otherwise empty
};

url_host host_of(boost::urls::url_view const& url);

/// The port, or `otherwise` if the URL has none; 0 when the port is invalid. (Boost 1.81 wraps a number that
/// is too large.)
std::uint16_t port_of(boost::urls::url_view const& url, std::uint16_t otherwise);

} // namespace equinix::sts::base
