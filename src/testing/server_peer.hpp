// One connection of the mock's server.
#pragma once

#include "testing/server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include <string>
#include <utility>

namespace equinix::sts::testing {

struct mock_server::peer {
    peer(tcp::socket socket, boost::asio::ssl::context& tls) : stream(std::move(socket), tls) {}

    boost::asio::ssl::stream<tcp::socket> stream;
    std::string buffer; // received and not yet part of a request
    bool idle = false;

    bool speaks_http2() {
        unsigned char const* protocol = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(stream.native_handle(), &protocol, &size);
        return size != 0; // nothing else is ever chosen
    }
};

} // namespace equinix::sts::testing
