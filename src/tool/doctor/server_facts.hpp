// Looks at a server without trusting it: nothing of the request is sent.
#pragma once

#include "tool/doctor/judgement.hpp"

#include <equinix/sts/endpoint.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::tool::doctor {

/// What was found at one address of the host. What could not be determined is absent.
struct server_facts : address_answer {
    std::optional<certificate> shown;
    std::string
        protocol; ///< which the server chose by ALPN from HTTP/2 and HTTP/1.1: `h2`, `http/1.1` or none
    std::optional<std::chrono::sys_seconds> date; ///< from its `Date` header, unless a cache answered
    std::chrono::sys_seconds asked;               ///< this machine's time then
};

/// For each address of the host, at most eight: connects, does a handshake without verification and requests
/// the headers of the path. Blocks for at most four times `at_most` per address. Empty if the name cannot be
/// resolved.
std::vector<server_facts> look_at(endpoint const& server, std::chrono::seconds at_most);

} // namespace equinix::sts::tool::doctor
