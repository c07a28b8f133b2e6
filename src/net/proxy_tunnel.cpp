#include "net/proxy_tunnel.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "core/challenges.hpp"
#include "core/connect_request.hpp"

#include <boost/beast/http/error.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>
#include <vector>

namespace equinix::sts::net {
namespace {

constexpr std::size_t max_head = std::size_t(16) * 1024;

/// RFC 9110 section 9.3.6: a success has no body, whatever its header says. So these fields are renamed, and
/// the parser judges only their form. A folded line is a part of its field.
void rename_framing(std::span<char> head) {
    for (std::string_view const name : {"content-length:", "transfer-encoding:"}) {
        std::string_view const all(head.data(), head.size());
        for (auto at = all.find('\n'); at != std::string_view::npos; at = all.find('\n', at + 1))
            if (base::iequals(all.substr(at + 1, name.size()), name)) head[at + 1] = 'x';
    }
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

boost::system::error_code last_error() {
    return {errno, boost::system::system_category()};
}

} // namespace

proxy_tunnel::proxy_tunnel(int descriptor, std::string_view host, std::uint16_t port,
                           client_options const& options)
    : descriptor_(descriptor), options_(options), request_(core::connect_request(host, port, options)) {}

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
        if (got == 0) {
            fail("the proxy closed the connection before its response was complete");
            failure_.code = {ECONNRESET, boost::system::system_category()}; // the message says it better
            return tunnel_step::failed;
        }
        base::append(received_, {block.data(), static_cast<std::size_t>(got)});
        all = received_.size();
        constexpr std::size_t first_digit = std::string_view("HTTP/1.1 ").size();
        if (all > first_digit && received_[first_digit] == '2') rename_framing(received_);
        // Parses from the start each time, with a new parser: a proxy's head is only a few lines.
        storage_.clear();
        response_parser parser(storage_, max_head, max_head);
        parser.skip(true); // a success has no body, and the body of a refusal is not read
        boost::system::error_code ec;
        auto const used = parser.put(boost::asio::buffer(received_.data(), received_.size()), ec);
        if (parser.is_done()) return judge(all - used);
        if (ec && ec != boost::beast::http::error::need_more)
            return fail("the proxy's response is not HTTP/1.1", ec);
    }
    return fail("the head of the proxy's response is larger than 16 KiB");
}

tunnel_step proxy_tunnel::judge(std::size_t surplus) {
    failure_.http_status = storage_.status;
    if (storage_.status == 407) return fail(credentials_wanted());
    if (storage_.status < 200 || storage_.status >= 300)
        return fail("the proxy refused the tunnel to the endpoint");
    // In TLS the endpoint never speaks first: these bytes do not come from it.
    if (surplus != 0)
        return fail(
            "the proxy sent bytes after the head of its response, before the endpoint could have sent any");
    return tunnel_step::done;
}

std::string proxy_tunnel::credentials_wanted() const {
    auto const spellings = core::proxy_secrets(options_);
    std::vector<std::string_view> secrets;
    secrets.reserve(spellings.size());
    for (auto const& one : spellings)
        secrets.push_back(base::view(one));
    return core::wanted_credentials(storage_.proxy_authenticate, core::gives_proxy_credentials(options_),
                                    secrets);
}

tunnel_step proxy_tunnel::fail(std::string message, boost::system::error_code code) {
    auto const status = failure_.http_status;
    failure_ = base::failure(error_kind::proxy, phase::proxy, std::move(message), code);
    failure_.http_status = status;
    return tunnel_step::failed;
}

} // namespace equinix::sts::net
