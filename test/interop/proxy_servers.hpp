// Forward proxies that open tunnels to one origin and serve nothing else.
#pragma once

#include "interop/origin.hpp"

#include <optional>
#include <string>

namespace test {

/// A user of a proxy.
struct proxy_user {
    std::string name;
    std::string password;
};

/// A proxy, its port and the folder of all its files.
class proxy_server {
public:
    /// `http://127.0.0.1:<port>`, with `user_info` in front of the host if there is one. Percent-encode it.
    std::string url(std::string const& user_info = "") const;

    /// Lets the proxy finish and go; then all that it has logged, whatever that is.
    std::string finish();

protected:
    proxy_server() = default;
    proxy_server(proxy_server const&) = delete;
    proxy_server& operator=(proxy_server const&) = delete;
    ~proxy_server() = default;

    std::string path(std::string const& name) const { return (files_.path() / name).string(); }

    folder files_;
    reserved_port port_;
    std::optional<server_process> process_;
};

class tinyproxy_server : public proxy_server {
public:
    /// Its configuration takes letters and digits in the user's name and password, and not much else.
    explicit tinyproxy_server(unsigned short to_port, std::optional<proxy_user> const& user = std::nullopt);
};

class squid_server : public proxy_server {
public:
    explicit squid_server(unsigned short to_port, std::optional<proxy_user> const& user = std::nullopt);
};

} // namespace test
