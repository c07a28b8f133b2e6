/// \file
/// The location of the token service.
#pragma once

#include <equinix/sts/decl.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace equinix::sts {

/// The URL of a token endpoint, checked on construction.
///
/// Each constructor throws `sts::error` of kind `config` if the URL is not `https`, is malformed, has no
/// host, or has user info or a fragment. A query is kept (RFC 6749 section 3.2).
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class EQUINIX_STS_DECL endpoint {
public:
    /// Creates the service's public endpoint, `https://sts.eqix.equinix.com/use/token`.
    endpoint();

    /// Creates the service's other endpoint for the same operation, `https://sts.eqix.equinix.com/v1/token`,
    /// which its how-to pages use.
    static endpoint v1();

    /// Creates an endpoint from a whole URL, as in `https://sts.example.com:8443/v1/token`. Adds nothing
    /// except a `/` if the path is empty.
    explicit endpoint(std::string_view url);

    /// Creates an endpoint from a base URL and the path of the operation. The default path is that of the
    /// service's SDKs; its how-to pages use `/v1/token`. A URL that already ends with the path is used
    /// unchanged.
    ///
    /// \throws sts::error of kind `config` also if the base URL has a query or `path` does not begin with
    ///         `/`.
    static endpoint from_base(std::string_view base_url, std::string_view path = "/use/token");

    /// Returns the host name in lower case, or the IP address (IPv6 without brackets).
    std::string const& host() const noexcept { return host_; }

    /// Returns whether `host()` is an IP address. An address is not resolved, and not sent as a server name.
    bool is_ip_address() const noexcept { return is_ip_address_; }

    /// Returns the port; 443 if the URL has none.
    std::uint16_t port() const noexcept { return port_; }

    /// Returns the `Host` header: an IPv6 address in brackets, and the port only if it is not 443 (RFC 9110
    /// section 7.2).
    std::string const& authority() const noexcept { return authority_; }

    /// Returns path and query, as in the request line.
    std::string const& target() const noexcept { return target_; }

    /// Returns the normalised URL.
    ///
    /// \throws std::bad_alloc.
    std::string url() const { return "https://" + authority_ + target_; }

private:
    std::string host_;
    std::string authority_;
    std::string target_;
    std::uint16_t port_ = 443;
    bool is_ip_address_ = false;
};

} // namespace equinix::sts
