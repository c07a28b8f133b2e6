// A URL taken apart, its host and port checked and normalised.
#pragma once

#include <boost/url/url_view.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::base {

/// Views into the text. Nothing when that is no URI (RFC 3986), or one without an authority, as `mailto:`
/// has.
std::optional<boost::urls::url_view> parse_url(std::string_view text);

struct url_host {
    std::string name; ///< in lower case, or an address without brackets
    bool is_ip_address = false;
    bool is_ipv6 = false;
    std::string_view wrong; ///< what is wrong with it, as in "has no host"; empty when nothing is
};

url_host host_of(boost::urls::url_view const& url);

/// The port, or `otherwise` where the URL names none; 0 when it names none that can be. (Boost 1.81 wraps a
/// number that is too large.)
std::uint16_t port_of(boost::urls::url_view const& url, std::uint16_t otherwise);

} // namespace equinix::sts::base
