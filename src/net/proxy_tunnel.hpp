// Requests a tunnel from a proxy (CONNECT, RFC 9110 section 9.3.6), in steps that never wait.
#pragma once

#include "base/wiped.hpp"
#include "net/response_parser.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/options.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace equinix::sts::net {

enum class tunnel_step {
    want_read,  ///< call again when the socket is readable
    want_write, ///< call again when the socket is writable
    done,       ///< what follows on the socket comes from the endpoint
    failed      ///< see `failure()`
};

/// The socket is not owned and must be non-blocking. Not movable.
class proxy_tunnel {
public:
    /// `host` has no brackets. The request to the proxy follows the options, which must outlive this.
    proxy_tunnel(int descriptor, std::string_view host, std::uint16_t port, client_options const& options);
    proxy_tunnel(proxy_tunnel const&) = delete;
    proxy_tunnel& operator=(proxy_tunnel const&) = delete;

    tunnel_step advance();

    error_info const& failure() const noexcept { return failure_; }

private:
    tunnel_step write();
    tunnel_step read();
    tunnel_step judge(std::size_t surplus);
    std::string credentials_wanted() const;
    tunnel_step fail(std::string message, boost::system::error_code code = {});

    int descriptor_;
    client_options const& options_;
    base::wiped_buffer request_; // contains the proxy's password
    std::size_t sent_ = 0;
    answer_storage storage_;
    base::wiped_buffer received_;
    error_info failure_;
};

} // namespace equinix::sts::net
