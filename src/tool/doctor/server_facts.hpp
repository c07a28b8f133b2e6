// A look at a server without trusting it: nothing of the request is sent.
#pragma once

#include "tool/doctor/judgement.hpp"

#include <equinix/sts/endpoint.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace equinix::sts::tool::doctor {

struct server_facts {
    std::string address;     ///< as in `127.0.0.1:443`
    std::string tls_version; ///< as in `TLSv1.3`
    std::optional<certificate> shown;
    std::optional<std::chrono::sys_seconds> date; ///< what its `Date` header says, where no cache answered
};

/// Connects, shakes hands without verification and asks for the headers of the path. Blocks for at most
/// `at_most` an address, and as long for the rest. What could not be found out is absent.
server_facts look_at(endpoint const& server, std::chrono::seconds at_most);

} // namespace equinix::sts::tool::doctor
