// HTTPS for both sides of a service. Stands for the HTTP client and server that yours uses.
#pragma once

#include <equinix/sts/secret.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <string>

namespace support {

using request = boost::beast::http::request<boost::beast::http::string_body>;
using response = boost::beast::http::response<boost::beast::http::string_body>;

/// Sends a request to localhost, whose certificate was issued by `ca_pem`. Throws
/// `boost::system::system_error`.
boost::asio::awaitable<response> https_send(std::uint16_t port, std::string ca_pem, request what);

/// The same with GET.
boost::asio::awaitable<response> https_get(std::uint16_t port, std::string ca_pem, std::string target,
                                           equinix::sts::secret authorization);

/// Returns the next connection. Tries again if accepting one fails, as when there is no free descriptor.
boost::asio::awaitable<boost::asio::ip::tcp::socket> next_connection(boost::asio::ip::tcp::acceptor& at);

/// For a server that uses the mock's certificate.
boost::asio::ssl::context server_tls(equinix::sts::testing::mock_sts const& service);

} // namespace support
