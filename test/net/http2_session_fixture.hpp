// A session of HTTP/2 and the server's side of nghttp2, in memory.
#pragma once

#include "net/http2_session.hpp"
#include "support/http2_peer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// A frame as it is sent (RFC 9113 section 4.1).
inline std::string frame(char type, char flags, std::uint32_t stream, std::string_view payload) {
    std::string out;
    auto const size = payload.size();
    for (unsigned shift : {16U, 8U, 0U})
        out.push_back(static_cast<char>(size >> shift & 0xFFU));
    out.push_back(type);
    out.push_back(flags);
    for (unsigned shift : {24U, 16U, 8U, 0U})
        out.push_back(static_cast<char>(stream >> shift & 0xFFU));
    return out.append(payload);
}

/// The stream of the exchange with this number, from 0.
inline std::int32_t id_of(std::size_t number) {
    return static_cast<std::int32_t>(2 * number + 1);
}

/// A session with its server; both in this thread.
struct http2_session_fixture {
    explicit http2_session_fixture(std::vector<nghttp2_settings_entry> const& settings = {})
        : peer(line, settings) {}

    net::http2_exchange& begin(std::string const& body = "grant_type=x") {
        requests.push_back(request(body));
        auto& one = exchanges.emplace_back();
        session.start(one, requests.back());
        return one;
    }
    /// Until neither has anything to say.
    void talk() {
        do {
            session.send();
            peer.run();
            last = session.receive();
            if (last != net::session_step::failed && session.send() == net::session_step::failed)
                last = net::session_step::failed;
        } while (last != net::session_step::failed && !line.to_server.empty());
    }
    std::vector<net::http2_exchange*> over() {
        std::vector<net::http2_exchange*> all;
        while (auto* const one = session.next_over())
            all.push_back(one);
        return all;
    }

    memory_line line;
    equinix::sts::limit_options limits = [] {
        equinix::sts::limit_options small;
        small.max_head = 2048;
        small.max_body = 100'000;
        return small;
    }();
    http2_peer peer;
    std::deque<std::string> requests;
    std::deque<net::http2_exchange> exchanges;
    net::http2_session session{std::make_unique<line_stream>(line), limits};
    net::session_step last = net::session_step::want_read;

private:
    static std::string request(std::string const& body) {
        return "POST /use/token HTTP/1.1\r\nHost: sts.example:8443\r\nUser-Agent: test/1\r\n"
               "Authorization: Basic c2VjcmV0\r\nX-Vault-Token: c2VjcmV0\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }
};

} // namespace test
