// The mock's TLS server: receives requests, lets the script or the rules answer them, and sends the answers.
#pragma once

#include "base/lock.hpp"
#include "testing/certificates.hpp"
#include "testing/http2_connection.hpp"
#include "testing/token_endpoint.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include <condition_variable>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace equinix::sts::testing {

/// The thread that runs `run()` does all I/O; the other functions may be called from any thread.
class mock_server {
public:
    mock_server(mock_options const& options, token_endpoint const& rules);

    void run() { context_.run(); }
    void stop();

    std::uint16_t port() const noexcept { return port_; }
    server_identity const& identity() const noexcept { return identity_; }

    void next(mock_answer answer);
    void always(std::optional<mock_answer> answer);
    void release();
    void close_idle_connections();

    std::size_t requests() const;
    bool wait_for_requests(std::size_t count, std::chrono::milliseconds at_most) const;
    std::size_t connections() const;
    std::size_t handshakes() const;
    std::vector<std::string> raw_requests() const;

private:
    using tcp = boost::asio::ip::tcp;
    struct peer;
    struct received;
    struct http2_peer;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(std::shared_ptr<peer> with);
    static void offer_http2(boost::asio::ssl::context& tls);
    boost::asio::awaitable<void> serve_http2(std::shared_ptr<peer> with);
    boost::asio::awaitable<void> respond_http2(std::shared_ptr<http2_peer> to,
                                               std::shared_ptr<http2_request> request);
    boost::asio::awaitable<void> flush(std::shared_ptr<http2_peer> to);
    boost::asio::awaitable<std::shared_ptr<received>> receive(std::shared_ptr<peer> from);
    boost::asio::awaitable<bool> respond(std::shared_ptr<peer> to, std::shared_ptr<received> request);
    boost::asio::awaitable<void> send(std::shared_ptr<peer> to, std::string_view bytes, std::size_t pieces);
    boost::asio::awaitable<void> close(std::shared_ptr<peer> with);

    mock_answer answer_for(std::string raw_request, bool takes_next);
    endpoint_answer content_of(mock_answer const& answer, endpoint_request const* request) const;
    std::string render(mock_answer const& answer, received const& request) const;

    token_endpoint const& rules_;
    std::uint32_t const most_streams_;
    boost::asio::io_context context_{1};
    boost::asio::ssl::context tls_;
    tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    server_identity identity_;
    boost::asio::experimental::channel<void(boost::system::error_code)> held_; // closed by release()
    std::set<peer*> peers_;

    mutable base::mutex mutex_;
    mutable std::condition_variable_any request_came_;
    std::deque<mock_answer> next_ STS_GUARDED_BY(mutex_);
    std::optional<mock_answer> always_ STS_GUARDED_BY(mutex_);
    std::deque<std::string> raw_requests_ STS_GUARDED_BY(mutex_);
    std::size_t requests_ STS_GUARDED_BY(mutex_) = 0;
    std::size_t connections_ STS_GUARDED_BY(mutex_) = 0;
    std::size_t handshakes_ STS_GUARDED_BY(mutex_) = 0;
};

} // namespace equinix::sts::testing
