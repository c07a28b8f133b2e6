#include "support/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace test {

namespace asio = boost::asio;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

std::string http_answer(unsigned status, std::string const& body, std::string const& content_type,
                        std::string const& more_fields) {
    return "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Type: " + content_type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_fields + "\r\n" + body;
}

namespace {

/// With the body that its head announces by `Content-Length`.
bool is_whole(std::string const& request) {
    auto const head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    constexpr std::string_view name = "\r\nContent-Length: ";
    auto const field = request.find(name);
    if (field >= head) return true;
    return request.size() >= head + 4 + std::stoul(request.substr(field + name.size()));
}

} // namespace

http_server::http_server()
    : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}), port_(acceptor_.local_endpoint().port()) {
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
}

http_server::~http_server() {
    context_.stop();
    thread_.join();
}

std::string http_server::url(std::string const& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
}

void http_server::next(std::string answer) {
    std::scoped_lock const lock(mutex_);
    next_.push_back(std::move(answer));
}

void http_server::answer_by(std::function<std::string(std::string const& request)> service) {
    std::scoped_lock const lock(mutex_);
    service_ = std::move(service);
}

void http_server::fall_silent() {
    std::scoped_lock const lock(mutex_);
    silent_ = true;
}

std::vector<std::string> http_server::requests() const {
    std::scoped_lock const lock(mutex_);
    return requests_;
}

std::size_t http_server::connections() const {
    std::scoped_lock const lock(mutex_);
    return connections_;
}

asio::awaitable<void> http_server::accept() {
    for (;;) {
        auto accepted = co_await acceptor_.async_accept(quiet);
        auto& [ec, socket] = accepted;
        if (ec) co_return;
        {
            std::scoped_lock const lock(mutex_);
            ++connections_;
        }
        sockets_.push_back(std::move(socket));
        asio::co_spawn(context_, serve(sockets_.back()), asio::detached);
    }
}

asio::awaitable<void> http_server::serve(tcp::socket& with) {
    std::string request;
    while (!is_whole(request)) {
        std::array<char, 4096> block; // NOLINT: filled by the read
        auto const got = co_await with.async_read_some(asio::buffer(block), quiet);
        if (std::get<0>(got)) break;
        request.append(block.data(), std::get<1>(got));
    }
    boost::system::error_code ignored;
    if (!request.empty()) {
        bool silent = false;
        auto const answer = answer_to(std::move(request), silent);
        if (silent) co_return;
        co_await asio::async_write(with, asio::buffer(answer), quiet);
    }
    with.close(ignored);
}

std::string http_server::answer_to(std::string request, bool& silent) {
    std::scoped_lock const lock(mutex_);
    requests_.push_back(std::move(request));
    silent = silent_;
    if (next_.empty()) return service_ ? service_(requests_.back()) : http_answer(200, "a-token");
    auto answer = std::move(next_.front());
    next_.pop_front();
    return answer;
}

} // namespace test
