// Which addresses belong to the machine itself or its link.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace equinix::sts::net {

/// A loopback or link-local address, also one of IPv4 written as IPv6, or that of AWS's instance metadata:
/// where something in the clear meets no router.
bool is_local(boost::asio::ip::address const& one);

} // namespace equinix::sts::net
