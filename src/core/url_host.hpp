// A URL that has a host; the host and port, checked and normalised.
#pragma once

#include <boost/system/result.hpp>
#include <boost/url/url_view.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace equinix::sts::core {

struct url_host {
    std::string name; ///< in lower case, or an address without brackets
    bool is_ip_address = false;
    bool is_ipv6 = false;
    std::string_view wrong; ///< what is wrong with it, as in "has no host"; empty when nothing is
};

/// Fails without "//" after the scheme: Boost 1.81 fails an assertion at some of these, as at "s:^".
boost::system::result<boost::urls::url_view> parse_url(std::string_view url);

url_host host_of(boost::urls::url_view const& url);

/// The port, or `otherwise` where the URL names none; 0 when it names none that can be. (Boost 1.81 wraps a
/// number that is too large.)
std::uint16_t port_of(boost::urls::url_view const& url, std::uint16_t otherwise);

} // namespace equinix::sts::core
