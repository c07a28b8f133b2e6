// A TLS stream of the program's own, to a server of the library's.
#include "check.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace asio = boost::asio;
namespace ssl = asio::ssl;
namespace sts = equinix::sts;

namespace {

asio::awaitable<void> talk(std::uint16_t port, ssl::context& trust, std::string& answer) {
    auto const executor = co_await asio::this_coro::executor;
    ssl::stream<asio::ip::tcp::socket> stream(executor, trust);
    stream.set_verify_mode(ssl::verify_peer);
    stream.set_verify_callback(ssl::host_name_verification("localhost"));
    asio::ip::tcp::endpoint const server(asio::ip::address_v4::loopback(), port);
    co_await stream.lowest_layer().async_connect(server, asio::use_awaitable);
    co_await stream.async_handshake(ssl::stream_base::client, asio::use_awaitable);
    std::string const request = "GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    co_await asio::async_write(stream, asio::buffer(request), asio::use_awaitable);
    co_await asio::async_read_until(stream, asio::dynamic_buffer(answer), "\r\n", asio::use_awaitable);
}

check const tls("tls", [] {
    sts::testing::mock_sts const service;
    ssl::context trust(ssl::context::tls_client);
    trust.add_certificate_authority(asio::buffer(service.ca_pem()));

    asio::io_context context;
    std::string answer;
    asio::co_spawn(context, talk(service.port(), trust, answer), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    context.run_for(std::chrono::seconds(30));
    equal("the answer to a request over asio::ssl::stream", answer.substr(0, 13),
          std::string("HTTP/1.1 404 "));

    ssl::context without_trust(ssl::context::tls_client);
    std::string nothing;
    boost::system::error_code ec;
    asio::co_spawn(context, talk(service.port(), without_trust, nothing), [&ec](std::exception_ptr error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (boost::system::system_error const& refused) {
            ec = refused.code();
        }
    });
    context.restart();
    context.run_for(std::chrono::seconds(30));
    holds(ec.category() == asio::error::get_ssl_category(),
          "a refused certificate's code is of another SSL category");
});

} // namespace
