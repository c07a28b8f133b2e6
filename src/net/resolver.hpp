// Looking names up, so that whoever waits for one can leave.
//
// `getaddrinfo` cannot be cancelled, and the thread of Asio's own resolver is joined when the context goes:
// a silent name server would hold both. Here it runs on a detached thread, at most one a resolver and so a
// client; those who ask for the name that it is busy with wait for the same answer.
#pragma once

#include "base/detached_worker.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <string>
#include <vector>

namespace equinix::sts::net {

/// What a name stands for: addresses without ports, in the order of preference.
struct resolved_name {
    boost::system::error_code error;
    std::vector<boost::asio::ip::address> addresses;
};

/// One caller's wait for what a name stands for.
using lookup = base::pending_answer<resolved_name>;

struct resolver : base::detached_worker<std::string, resolved_name> {
    resolver();
    resolver(resolver const&) = delete;
    resolver& operator=(resolver const&) = delete;
    ~resolver() { drop_waiting(); } // nobody is left for them
};

} // namespace equinix::sts::net
