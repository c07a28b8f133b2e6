// What stands before a service: carries bytes to it, or misbehaves as fronts do, on the test's own context.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace test {

namespace asio = boost::asio;

/// Whether a ClientHello, which must be whole, offers a TLS session: as a ticket of TLS 1.2 (extension 35) or
/// a pre-shared key of TLS 1.3 (extension 41).
inline bool offers_session(std::string_view hello) {
    std::size_t at = 5 + 4 + 2 + 32; // record, handshake message, version, random
    auto const number = [&](std::size_t bytes) {
        std::size_t value = 0;
        while (bytes-- != 0 && at < hello.size())
            value = value << 8U | static_cast<unsigned char>(hello[at++]);
        return value;
    };
    auto const skip = [&](std::size_t bytes) { at += bytes; };
    skip(number(1)); // session id
    skip(number(2)); // cipher suites
    skip(number(1)); // compression
    for (auto const end = number(2) + at; at < end && at < hello.size();) {
        auto const type = number(2), size = number(2);
        if (type == 41 || (type == 35 && size != 0)) return true;
        skip(size);
    }
    return false;
}

class front {
public:
    using tcp = asio::ip::tcp;

    enum class manner : unsigned char {
        carry, ///< to the service
        close, ///< the connection, once the client has sent something
        reset, ///< likewise
        alert, ///< handshake_failure
        silent ///< answers nothing
    };

    front(asio::io_context& context, std::uint16_t service,
          asio::ip::address const& at = asio::ip::address_v4::loopback(), std::uint16_t port = 0)
        : context_(context), service_(service), listening_(context, {at, port}) {
        asio::co_spawn(context_, accept(), asio::detached);
    }

    std::uint16_t port() const { return listening_.local_endpoint().port(); }

    /// What comes of a new connection, given whether its ClientHello offers a session.
    std::function<manner(bool offered)> decide = [](bool) { return manner::carry; };

    /// Carries the bytes of new connections to another service.
    void lead_to(std::uint16_t service) { service_ = service; }

    /// No byte goes by any longer on the connections that are open.
    void forget_connections() { ++generation_; }

    std::size_t accepted = 0;
    std::size_t offers = 0; ///< of a session

private:
    static constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
    using peer = std::shared_ptr<tcp::socket>;

    asio::awaitable<void> accept() {
        for (;;) {
            auto got = co_await listening_.async_accept(quiet);
            if (std::get<0>(got)) co_return;
            ++accepted;
            asio::co_spawn(context_, serve(std::make_shared<tcp::socket>(std::move(std::get<1>(got)))),
                           asio::detached);
        }
    }

    asio::awaitable<void> serve(peer client) {
        std::array<char, 16384> block; // NOLINT: filled by the read
        auto const got = co_await client->async_read_some(asio::buffer(block), quiet);
        std::string_view const hello(block.data(), std::get<1>(got));
        if (hello.empty()) co_return;
        bool const offered = offers_session(hello);
        if (offered) ++offers;
        auto const how = decide(offered);
        if (how == manner::silent) {
            kept_.push_back(client);
            co_return;
        }
        if (how == manner::alert) {
            std::string_view const handshake_failure("\x15\x03\x03\x00\x02\x02\x28", 7);
            co_await asio::async_write(*client, asio::buffer(handshake_failure), quiet);
        }
        if (how == manner::reset) client->set_option(asio::socket_base::linger(true, 0));
        if (how != manner::carry) co_return;
        auto service = std::make_shared<tcp::socket>(context_);
        tcp::endpoint const to(asio::ip::address_v4::loopback(), service_);
        co_await service->async_connect(to, quiet);
        co_await asio::async_write(*service, asio::buffer(hello), quiet);
        asio::co_spawn(context_, carry(service, client), asio::detached);
        co_await carry(client, service);
    }

    asio::awaitable<void> carry(peer from, peer to) {
        auto const generation = generation_;
        std::array<char, 16384> block; // NOLINT: filled by the read
        for (;;) {
            auto const got = co_await from->async_read_some(asio::buffer(block), quiet);
            if (generation != generation_) {
                kept_.push_back(from); // no FIN and no RST
                kept_.push_back(to);
                co_return;
            }
            if (std::get<0>(got)) break;
            auto const piece = asio::buffer(block, std::get<1>(got));
            co_await asio::async_write(*to, piece, quiet);
        }
        boost::system::error_code ignored;
        to->shutdown(tcp::socket::shutdown_send, ignored);
    }

    asio::io_context& context_;
    std::uint16_t service_;
    tcp::acceptor listening_;
    std::list<peer> kept_;
    std::size_t generation_ = 0;
};

} // namespace test
