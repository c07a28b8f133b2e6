// Stands for an API that requires a token: HTTPS on localhost, in a thread of its own.
#pragma once

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <string>
#include <thread>

namespace support {

/// Accepts the tokens of the mock, except the first that it receives, as if that one had been revoked.
class orders_api {
public:
    explicit orders_api(equinix::sts::testing::mock_sts const& issuer);
    orders_api(orders_api const&) = delete;
    orders_api& operator=(orders_api const&) = delete;
    ~orders_api();

    std::uint16_t port() const { return port_; }
    std::string const& ca_pem() const { return issuer_.ca_pem(); }

private:
    using tcp = boost::asio::ip::tcp;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(tcp::socket peer);
    bool accepts(std::string const& token);

    equinix::sts::testing::mock_sts const& issuer_;
    boost::asio::io_context context_{1};
    boost::asio::ssl::context tls_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::string revoked_;
    std::thread thread_;
};

} // namespace support
