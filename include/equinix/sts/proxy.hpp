/// \file
/// A proxy to tunnel through.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/secret.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts {

/// An HTTP proxy that is asked for a tunnel to the endpoint (CONNECT, RFC 9110 section 9.3.6). TLS runs
/// through it end to end: it sees the endpoint's host and port, who we are (`User-Agent`, credentials,
/// `client_options::proxy_headers`), never a token.
class EQUINIX_STS_DECL proxy {
public:
    /// `http://[user:password@]host[:port]`; the scheme may be left out, the port is 1080 by default, as
    /// with curl. User and password are percent-decoded and sent as `Proxy-Authorization: Basic` (RFC 7617).
    ///
    /// \throws sts::error of kind `config` when the URL is malformed, has another scheme, a path or a query.
    ///         The message does not repeat it: it may hold a password.
    explicit proxy(std::string_view url);

    /// The proxy that the environment names for an endpoint, by curl's rules: the first of `https_proxy`,
    /// `HTTPS_PROXY`, `all_proxy` and `ALL_PROXY` that is not empty; none when `no_proxy` (or else
    /// `NO_PROXY`) is `*` or lists the endpoint's host, a domain above it, its address or its network
    /// (`10.0.0.0/8`). Reads the environment: not while another thread changes it.
    ///
    /// \throws sts::error of kind `config` when the variable holds no usable URL.
    static std::optional<proxy> from_environment(endpoint const& target);

    /// The host's name in lower case or its IP address, an IPv6 address without brackets.
    std::string const& host() const noexcept { return host_; }

    /// Whether `host()` is an IP address.
    bool is_ip_address() const noexcept { return is_ip_address_; }

    /// The port; 1080 where the URL has none.
    std::uint16_t port() const noexcept { return port_; }

    /// The value of `Proxy-Authorization`, empty without credentials.
    secret const& authorization() const noexcept { return authorization_; }

private:
    std::string host_;
    secret authorization_;
    std::uint16_t port_ = 1080;
    bool is_ip_address_ = false;
};

} // namespace equinix::sts
