#include "net/local_address.hpp"

namespace equinix::sts::net {

namespace ip = boost::asio::ip;

namespace {

bool is_local_v4(ip::address_v4 const& one) {
    constexpr unsigned long link_local = 0xa9fe0000; // 169.254.0.0/16 (RFC 3927)
    return one.is_loopback() || (one.to_uint() & 0xffff0000U) == link_local;
}

} // namespace

bool is_local(ip::address const& one) {
    if (one.is_v4()) return is_local_v4(one.to_v4());
    auto const wide = one.to_v6();
    if (wide.is_v4_mapped()) return is_local_v4(ip::make_address_v4(ip::v4_mapped, wide));
    // In the unique local range, and yet never routed: the machine's own.
    static auto const aws_metadata = ip::make_address_v6("fd00:ec2::254"),
                      aws_credentials = ip::make_address_v6("fd00:ec2::23");
    return wide.is_loopback() || wide.is_link_local() || wide == aws_metadata || wide == aws_credentials;
}

} // namespace equinix::sts::net
