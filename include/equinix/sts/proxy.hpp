/// \file
/// The HTTP proxy of a client.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/secret.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts {

/// An HTTP proxy that opens a tunnel to the endpoint (CONNECT, RFC 9110 section 9.3.6). TLS runs end to end
/// through the tunnel. The proxy sees the endpoint's host and port and the client's identity (`User-Agent`,
/// credentials, `client_options::proxy_headers`), but never a token.
///
/// Thread-safety: a value. Several threads may read one object at the same time.
class EQUINIX_STS_DECL proxy {
public:
    /// Creates a proxy from `http://[user:password@]host[:port]`. The scheme is optional, and the port is
    /// 1080 by default, as with curl. User and password are percent-decoded and sent as
    /// `Proxy-Authorization: Basic` (RFC 7617).
    ///
    /// \throws sts::error of kind `config` if the URL is malformed or has another scheme, a path, a query or
    ///         a fragment. The message does not contain the URL, which may include a password.
    explicit proxy(std::string_view url);

    /// Returns the proxy that the environment names for an endpoint, by curl's rules: the first of
    /// `https_proxy`, `HTTPS_PROXY`, `all_proxy` and `ALL_PROXY` that is not empty. Returns nothing if none
    /// is set, or if `no_proxy` (or else `NO_PROXY`) is `*` or lists the endpoint's host, a parent domain,
    /// its address or its network (`10.0.0.0/8`).
    ///
    /// Thread-safety: reads the environment, so no other thread may change it meanwhile.
    ///
    /// \throws sts::error of kind `config` if the variable does not hold a valid URL.
    static std::optional<proxy> from_environment(endpoint const& target);

    /// Returns the host name in lower case, or the IP address (IPv6 without brackets).
    std::string const& host() const noexcept { return host_; }

    /// Returns whether `host()` is an IP address.
    bool is_ip_address() const noexcept { return is_ip_address_; }

    /// Returns the port; 1080 if the URL has none.
    std::uint16_t port() const noexcept { return port_; }

    /// Returns the value of `Proxy-Authorization`, or an empty secret without credentials.
    secret const& authorization() const noexcept { return authorization_; }

private:
    std::string host_;
    secret authorization_;
    std::uint16_t port_ = 1080;
    bool is_ip_address_ = false;
};

} // namespace equinix::sts
