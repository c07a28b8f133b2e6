// A scripted HTTP server without TLS on 127.0.0.1, with a thread of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace test {

/// A whole answer with a body of this type.
std::string http_answer(unsigned status, std::string const& body,
                        std::string const& content_type = "text/plain", std::string const& more_fields = "");

/// Each connection is for one request: that is taken, the answer sent, the connection closed.
class http_server {
public:
    http_server();
    http_server(http_server const&) = delete;
    http_server& operator=(http_server const&) = delete;
    ~http_server();

    std::uint16_t port() const noexcept { return port_; }
    std::string url(std::string const& target = "/token") const;

    /// The bytes of the answer to the next request that has none yet; without one it is a token's.
    void next(std::string answer);

    /// What answers the requests for which `next` has nothing; called on the server's thread.
    void answer_by(std::function<std::string(std::string const& request)> service);

    /// Leaves every request from now on without an answer, and its connection open.
    void fall_silent();

    std::vector<std::string> requests() const;
    std::size_t connections() const;

private:
    using tcp = boost::asio::ip::tcp;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(tcp::socket& with);
    std::string answer_to(std::string request, bool& silent);

    boost::asio::io_context context_{1};
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::list<tcp::socket> sockets_;
    mutable std::mutex mutex_;
    std::deque<std::string> next_;
    std::vector<std::string> requests_;
    std::size_t connections_ = 0;
    std::function<std::string(std::string const&)> service_;
    bool silent_ = false;
    std::thread thread_;
};

} // namespace test
