// Resolves names such that a caller can stop waiting.
//
// `getaddrinfo` cannot be cancelled, and the thread of Asio's own resolver is joined when the context is
// destroyed: a silent name server would block both. Here it runs on a detached thread, at most one per
// resolver and therefore per client. Callers that ask for the name being resolved wait for the same answer.
#pragma once

#include "base/detached_worker.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <string>
#include <vector>

namespace equinix::sts::net {

/// The result of resolving a name: addresses without ports, in order of preference.
struct resolved_name {
    boost::system::error_code error;
    std::vector<boost::asio::ip::address> addresses;
};

/// One caller's wait for a name.
using lookup = base::pending_answer<resolved_name>;

struct resolver : base::detached_worker<std::string, resolved_name> {
    resolver();
    resolver(resolver const&) = delete;
    resolver& operator=(resolver const&) = delete;
    ~resolver() { drop_waiting(); } // no caller is left that waits for them
};

} // namespace equinix::sts::net
