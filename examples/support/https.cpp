#include "support/https.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace support {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

asio::awaitable<response> https_send(std::uint16_t port, std::string ca_pem, request what) {
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.add_certificate_authority(asio::buffer(ca_pem));
    auto const executor = co_await asio::this_coro::executor;
    asio::ssl::stream<tcp::socket> stream(executor, tls);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification("localhost"));
    tcp::endpoint const server(asio::ip::address_v4::loopback(), port);
    co_await stream.next_layer().async_connect(server, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);

    what.set(http::field::host, "localhost");
    what.set(http::field::connection, "close");
    what.prepare_payload();
    co_await http::async_write(stream, what, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    response answer;
    co_await http::async_read(stream, buffer, answer, asio::use_awaitable);
    co_return answer;
}

asio::awaitable<response> https_get(std::uint16_t port, std::string ca_pem, std::string target,
                                    equinix::sts::secret authorization) {
    request what(http::verb::get, target, 11);
    if (!authorization.empty())
        what.set(http::field::authorization,
                 boost::beast::string_view(authorization.reveal().data(), authorization.size()));
    return https_send(port, std::move(ca_pem), std::move(what));
}

asio::awaitable<tcp::socket> next_connection(tcp::acceptor& at) {
    asio::steady_timer moment(at.get_executor());
    for (;;) {
        boost::system::error_code failed;
        auto socket = co_await at.async_accept(asio::redirect_error(asio::use_awaitable, failed));
        if (!failed) co_return socket;
        if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
        moment.expires_after(std::chrono::milliseconds(10));
        co_await moment.async_wait(asio::use_awaitable);
    }
}

asio::ssl::context server_tls(equinix::sts::testing::mock_sts const& service) {
    asio::ssl::context tls(asio::ssl::context::tls_server);
    tls.use_certificate_chain(asio::buffer(service.certificate_pem()));
    tls.use_private_key(asio::buffer(service.key_pem()), asio::ssl::context::pem);
    return tls;
}

} // namespace support
