// Which addresses belong to this machine or its link.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace equinix::sts::net {

/// A loopback or link-local address, also in IPv4-mapped form, or an address of AWS's metadata or
/// credentials: traffic to it passes no router, so it may be unencrypted.
bool is_local(boost::asio::ip::address const& one);

} // namespace equinix::sts::net
