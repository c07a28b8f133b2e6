// Looking names up, so that whoever waits for one can leave.
//
// `getaddrinfo` cannot be cancelled, and the thread of Asio's own resolver is joined when the context goes:
// a silent name server would hold both. Here it runs on a detached thread that holds nothing but shared
// state. There is at most one such thread a resolver, and so a client, started when a name is asked for;
// those who ask for the name that it is busy with wait for the same answer.
#pragma once

#include "base/pending_answer.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
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

class resolver {
public:
    resolver();
    resolver(resolver const&) = delete;
    resolver& operator=(resolver const&) = delete;

    /// Does not wait for a look-up that is under way.
    ~resolver();

    /// Throws as `run_detached`; then nobody is called.
    void start(std::string const& host, std::shared_ptr<lookup> wish);

private:
    struct desk;
    std::shared_ptr<desk> desk_;
};

} // namespace equinix::sts::net
