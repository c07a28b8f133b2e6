// The host of a URL, checked and normalised.
#pragma once

#include <boost/url/url_view.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::core {

struct url_host {
    std::string name; ///< in lower case, or an address without brackets
    bool is_ip_address = false;
    bool is_ipv6 = false;
    std::string_view wrong; ///< what is wrong with it, as in "has no host"; empty when nothing is
};

url_host host_of(boost::urls::url_view const& url);

} // namespace equinix::sts::core
