// A proxy that does as a script says, and a service that is reached through it.
#pragma once

#include "support/service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace test {

/// What the proxy does when it has read a request's head.
struct behaviour {
    std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    bool tunnel = true;     ///< carry bytes to where it was asked to
    bool silent = false;    ///< answer nothing
    bool reset = false;     ///< end by RST instead of FIN
    std::size_t pieces = 0; ///< bytes a write
};

/// A proxy on the test's own context.
class scripted_proxy {
public:
    explicit scripted_proxy(asio::io_context& context)
        : context_(context), listening_(context, {asio::ip::address_v4::loopback(), 0}) {
        asio::co_spawn(context_, accept(), asio::detached);
    }
    std::string url(std::string const& credentials = "") const {
        return "http://" + credentials + "127.0.0.1:" + std::to_string(listening_.local_endpoint().port());
    }

    behaviour next;
    std::optional<behaviour> once; ///< before that
    std::vector<std::string> heads;
    std::string carried; ///< all that it saw go by, both ways

private:
    using tcp = asio::ip::tcp;
    static constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

    asio::awaitable<void> accept() {
        for (;;) {
            auto accepted = co_await listening_.async_accept(quiet);
            auto& [ec, socket] = accepted;
            if (ec) co_return;
            asio::co_spawn(context_, serve(std::make_shared<tcp::socket>(std::move(socket))), asio::detached);
        }
    }
    asio::awaitable<void> serve(std::shared_ptr<tcp::socket> peer) {
        auto const how = once ? *std::exchange(once, std::nullopt) : next;
        std::string head;
        auto const got =
            co_await asio::async_read_until(*peer, asio::dynamic_buffer(head), "\r\n\r\n", quiet);
        if (std::get<0>(got)) co_return;
        heads.push_back(head);
        if (how.silent) {
            char byte = 0;
            co_await peer->async_read_some(asio::buffer(&byte, 1), quiet); // until the client leaves
            co_return;
        }
        auto const size = how.pieces == 0 ? how.answer.size() : how.pieces;
        for (std::size_t at = 0; at < how.answer.size(); at += size) {
            auto const piece = how.answer.substr(at, size);
            co_await asio::async_write(*peer, asio::buffer(piece), quiet);
        }
        if (how.reset) peer->set_option(asio::socket_base::linger(true, 0));
        if (!how.tunnel) co_return;
        auto const port = head.substr(head.find(':') + 1);
        auto origin = std::make_shared<tcp::socket>(context_);
        tcp::endpoint const to(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(port)));
        co_await origin->async_connect(to, quiet);
        asio::co_spawn(context_, carry(origin, peer), asio::detached);
        co_await carry(peer, origin);
    }
    asio::awaitable<void> carry(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to) {
        std::array<char, 4096> block; // NOLINT: filled by the read
        for (;;) {
            auto const got = co_await from->async_read_some(asio::buffer(block), quiet);
            if (std::get<0>(got)) break;
            carried.append(block.data(), std::get<1>(got));
            co_await asio::async_write(*to, asio::buffer(block, std::get<1>(got)), quiet);
        }
        boost::system::error_code ignored;
        to->shutdown(tcp::socket::shutdown_send, ignored);
    }

    asio::io_context& context_;
    tcp::acceptor listening_;
};

struct through_proxy : service {
    scripted_proxy proxy{context};

    sts::client_options through(std::string const& credentials = "") const {
        auto made = hasty();
        made.proxy.emplace(proxy.url(credentials));
        return made;
    }
    sts::error_info refused(behaviour how) {
        proxy.next = std::move(how);
        auto options = through();
        options.retry.max_attempts = 1;
        return failure(client(options));
    }
};

inline behaviour saying(std::string answer) {
    behaviour made;
    made.answer = std::move(answer);
    made.tunnel = false;
    return made;
}

} // namespace test
