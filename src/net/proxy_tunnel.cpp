#include "net/proxy_tunnel.hpp"

#include "core/failure.hpp"

#include <boost/beast/http/error.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace equinix::sts::net {
namespace {

constexpr std::size_t max_head = std::size_t(16) * 1024;

core::wiped_buffer connect_request(std::string_view host, std::uint16_t port,
                                   std::string_view authorization) {
    bool const bracketed = host.find(':') != std::string_view::npos;
    auto const target =
        (bracketed ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
    core::wiped_buffer out;
    core::append(out, "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n");
    if (!authorization.empty()) {
        core::append(out, "Proxy-Authorization: ");
        core::append(out, authorization);
        core::append(out, "\r\n");
    }
    core::append(out, "\r\n");
    return out;
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

boost::system::error_code last_error() {
    return {errno, boost::system::system_category()};
}

} // namespace

proxy_tunnel::proxy_tunnel(int descriptor, std::string_view host, std::uint16_t port,
                           std::string_view authorization)
    : descriptor_(descriptor), request_(connect_request(host, port, authorization)) {}

tunnel_step proxy_tunnel::advance() {
    return sent_ < request_.size() ? write() : read();
}

tunnel_step proxy_tunnel::write() {
    while (sent_ < request_.size()) {
        auto const wrote =
            ::send(descriptor_, request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
        if (wrote > 0) {
            sent_ += static_cast<std::size_t>(wrote);
        } else if (would_block()) {
            return tunnel_step::want_write;
        } else if (errno != EINTR) {
            return fail("the connection to the proxy failed", last_error());
        }
    }
    return tunnel_step::want_read;
}

tunnel_step proxy_tunnel::read() {
    std::array<char, 4096> block; // NOLINT: filled by the read
    for (std::size_t all = received_.size(); all <= max_head;) {
        auto const got = ::recv(descriptor_, block.data(), block.size(), 0);
        if (got < 0 && would_block()) return tunnel_step::want_read;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail("the connection to the proxy failed", last_error());
        if (got == 0) return fail("the proxy closed the connection without a whole answer");
        core::append(received_, {block.data(), static_cast<std::size_t>(got)});
        all = received_.size();
        // From the start each time, by a parser that has seen nothing: a proxy's head is a few lines.
        storage_.clear();
        response_parser parser(storage_, max_head, max_head);
        parser.skip(true); // a success has no body, whatever its head says
        boost::system::error_code ec;
        auto const used = parser.put(boost::asio::buffer(received_.data(), received_.size()), ec);
        if (parser.is_done()) return judge(all - used, parser.announces_body());
        if (ec && ec != boost::beast::http::error::need_more)
            return fail("the proxy's answer is not HTTP/1.1", ec);
    }
    return fail("the head of the proxy's answer is larger than 16 KiB");
}

tunnel_step proxy_tunnel::judge(std::size_t surplus, bool announces_body) {
    failure_.http_status = storage_.status;
    if (storage_.status == 407)
        return fail("the proxy asks for credentials, or for others: give user and password in its URL");
    if (storage_.status < 200 || storage_.status >= 300)
        return fail("the proxy refused the tunnel to the endpoint");
    // The endpoint never speaks first in TLS: what is there already was made up by somebody else.
    if (surplus != 0 || announces_body) return fail("the proxy's success brings a body, which it must not");
    return tunnel_step::done;
}

tunnel_step proxy_tunnel::fail(std::string message, boost::system::error_code code) {
    auto const status = failure_.http_status;
    failure_ = core::failure(error_kind::proxy, phase::proxy, std::move(message), code);
    failure_.http_status = status;
    return tunnel_step::failed;
}

} // namespace equinix::sts::net
