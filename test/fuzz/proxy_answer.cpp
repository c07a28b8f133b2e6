// Whatever a proxy may answer to CONNECT, over a pair of sockets, in pieces. Only a bare 2xx head opens a
// tunnel, with or without a reason phrase, and whatever it says of a body.
#include "fuzz/target.hpp"
#include "net/proxy_tunnel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <random>
#include <string>

namespace {

namespace net = equinix::sts::net;
namespace sts = equinix::sts;
using namespace test;
using net::tunnel_step;

class socket_pair {
public:
    socket_pair() {
        require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()) == 0, "no sockets");
    }
    socket_pair(socket_pair const&) = delete;
    socket_pair& operator=(socket_pair const&) = delete;
    ~socket_pair() {
        ::close(ends_[0]);
        leave();
    }
    int client() const { return ends_[0]; }
    void say(std::string_view text) const {
        require(::send(ends_[1], text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()),
                "not sent");
    }
    void leave() {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }
    std::string heard() const {
        std::array<char, 4096> block; // NOLINT: filled by the read
        auto const got = ::recv(ends_[1], block.data(), block.size(), 0);
        return {block.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// Whether it opens a tunnel: the bare head of a success, and nothing behind it.
bool is_bare_success(std::string_view said) {
    return said.starts_with("HTTP/1.") && said.substr(8, 2) == " 2" && said.ends_with("\r\n\r\n") &&
           said.find("\r\n\r\n") == said.size() - 4;
}

sts::client_options const& fixed() {
    static sts::client_options const made = [] {
        sts::client_options options;
        options.proxy.emplace("http://fuzz:" + std::string(canary) + "@proxy.example.test");
        options.proxy_headers = {{"X-Key", sts::secret(canary)}};
        return options;
    }();
    return made;
}

/// Whether the tunnel stands. The answer comes in pieces of at most so many bytes, or, with 0, in one.
bool ask(std::string_view answer, std::size_t most, std::minstd_rand& random) {
    socket_pair pair;
    net::proxy_tunnel tunnel(pair.client(), "sts.example.test", 443, fixed());
    require(tunnel.advance() == tunnel_step::want_read, "the request does not leave");
    auto const request = pair.heard();
    require(request.starts_with("CONNECT sts.example.test:443 HTTP/1.1\r\n") && request.ends_with("\r\n\r\n"),
            "the request is another one");
    auto const whole = answer;
    auto step = tunnel_step::want_read;
    while (step == tunnel_step::want_read && !answer.empty()) {
        auto const size =
            std::min<std::size_t>(answer.size(), most == 0 ? answer.size() : 1 + random() % most);
        pair.say(answer.substr(0, size));
        answer.remove_prefix(size);
        step = tunnel.advance();
    }
    if (step == tunnel_step::want_read) {
        pair.leave();
        step = tunnel.advance();
        require(step == tunnel_step::failed, "a tunnel to nobody");
    }
    require(step == tunnel_step::done || step == tunnel_step::failed, "a proxy's answer does not end");
    auto const& why = tunnel.failure();
    require(step == tunnel_step::done || why.kind == sts::error_kind::proxy,
            "another error than the proxy's");
    require_no_canary(why.to_string());
    if (step != tunnel_step::done) return false;
    require(is_bare_success(whole.substr(0, whole.size() - answer.size())), "a tunnel without a success");
    require(why.http_status / 100 == 2, "a success of another status");
    return true;
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const answer = text_of(data, std::min<std::size_t>(size, 32768)); // what the sockets hold
    std::minstd_rand random(
        static_cast<std::minstd_rand::result_type>(std::hash<std::string_view>()(answer)));
    auto const whole = ask(answer, 0, random);
    auto const pieces = ask(answer, 16, random);
    // A tunnel that stands is not looked at again, so that pieces may open one where the whole brings too
    // much.
    require(!whole || pieces, "in pieces a proxy's success is none");
    constexpr std::size_t status_ends = 12, far_below_the_limit = 16000;
    auto const line_ends = answer.find("\r\n");
    if (line_ends == std::string_view::npos || answer.size() > far_below_the_limit) return 0;
    if (line_ends == status_ends) {
        auto spaced = std::string(answer).insert(status_ends, " ");
        require(ask(spaced, 0, random) == whole, "a space behind the status makes a difference");
    }
    if (whole) {
        auto framed = std::string(answer).insert(line_ends, "\r\nContent-Length: +1\r\nTRANSFER-ENCODING: x");
        require(ask(framed, 16, random), "what a success says of a body makes a difference");
    }
    return 0;
}
