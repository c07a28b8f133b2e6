// Looks at a server without trusting it: nothing of the request is sent.
#pragma once

#include "tool/doctor/judgement.hpp"

#include <equinix/sts/endpoint.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace equinix::sts::tool::doctor {

struct server_facts {
    std::string address;     ///< such as `127.0.0.1:443`
    std::string tls_version; ///< such as `TLSv1.3`
    std::optional<certificate> shown;
    std::optional<std::chrono::sys_seconds> date; ///< from its `Date` header, unless a cache answered
};

/// Connects, does a handshake without verification and requests the headers of the path. Blocks for at most
/// `at_most` per address, and as long for the rest. What could not be determined is absent.
server_facts look_at(endpoint const& server, std::chrono::seconds at_most);

} // namespace equinix::sts::tool::doctor
