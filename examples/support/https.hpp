// A GET over HTTPS as a service makes it. Stands for whatever HTTP client yours uses.
#pragma once

#include <equinix/sts/secret.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <string>

namespace support {

using response = boost::beast::http::response<boost::beast::http::string_body>;

/// From localhost, which shows a certificate of `ca_pem`. Throws `boost::system::system_error`.
boost::asio::awaitable<response> https_get(std::uint16_t port, std::string ca_pem, std::string target,
                                           equinix::sts::secret authorization);

} // namespace support
