// Error codes of Asio are compared by the addresses of their categories.
#include "check.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace asio = boost::asio;

namespace {

check const resolver("resolver", [] {
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);

    boost::system::error_code ec;
    resolver.resolve("no-such-host.invalid", "443", asio::ip::tcp::resolver::numeric_host,
                     ec); // asks no server
    holds(ec == asio::error::host_not_found, "a resolver's code does not equal asio::error::host_not_found");
    holds(ec.category() == asio::error::get_netdb_category(), "it is of another netdb category");

    ec = {};
    resolver.async_resolve("127.0.0.1", "no-such-service",
                           [&ec](boost::system::error_code result, auto) { ec = result; });
    context.run_for(std::chrono::seconds(10));
    holds(ec == asio::error::service_not_found,
          "a resolver's code does not equal asio::error::service_not_found");

    ec = {};
    asio::ip::tcp::socket socket(context);
    socket.async_read_some(asio::null_buffers(),
                           [&ec](boost::system::error_code result, std::size_t) { ec = result; });
    context.restart();
    context.run_for(std::chrono::seconds(10));
    holds(ec == asio::error::bad_descriptor, "a socket's code does not equal asio::error::bad_descriptor");
});

} // namespace
