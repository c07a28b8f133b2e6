// A certificate authority and a server certificate, made in memory.
#pragma once

#include <string>
#include <vector>

namespace equinix::sts::testing {

struct server_identity {
    std::string ca_pem;          ///< what a client must trust
    std::string certificate_pem; ///< what the server shows
    std::string key_pem;         ///< what it proves it with
};

/// `names` are DNS names or IP addresses. Valid from an hour ago for a day.
server_identity make_server_identity(std::vector<std::string> const& names);

} // namespace equinix::sts::testing
