/// \file
/// Where the token service is.
#pragma once

#include <equinix/sts/decl.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace equinix::sts {

/// The whole URL of a token endpoint, checked when made.
///
/// Each constructor throws `sts::error` of kind `config` when the URL is not `https`, malformed, without a
/// host, or has user info or a fragment. A query is kept (RFC 6749 section 3.2).
class EQUINIX_STS_DECL endpoint {
public:
    /// The service's public endpoint, `https://sts.eqix.equinix.com/use/token`.
    endpoint();

    /// The service's other path for the same operation, `https://sts.eqix.equinix.com/v1/token`: the one that
    /// its how-to pages name.
    static endpoint v1();

    /// A whole URL, as in `https://sts.example.com:8443/v1/token`. Nothing is added to it but a `/` where the
    /// path is empty.
    explicit endpoint(std::string_view url);

    /// A base URL and the operation's path behind it, by default as the service's SDKs name it; its how-to
    /// pages name `/v1/token`. A URL that ends with the path already is taken as it is.
    static endpoint from_base(std::string_view base_url, std::string_view path = "/use/token");

    /// The host's name in lower case or its IP address, an IPv6 address without brackets.
    std::string const& host() const noexcept { return host_; }

    /// Whether `host()` is an IP address: it is then neither resolved nor sent as a server name.
    bool is_ip_address() const noexcept { return is_ip_address_; }

    /// The port; 443 where the URL has none.
    std::uint16_t port() const noexcept { return port_; }

    /// The `Host` header: an IPv6 address in brackets, the port only when it isn't 443 (RFC 9110
    /// section 7.2).
    std::string const& authority() const noexcept { return authority_; }

    /// Path and query, as in the request line.
    std::string const& target() const noexcept { return target_; }

    /// The URL, normalised.
    std::string url() const { return "https://" + authority_ + target_; }

private:
    std::string host_;
    std::string authority_;
    std::string target_;
    std::uint16_t port_ = 443;
    bool is_ip_address_ = false;
};

} // namespace equinix::sts
